"""Makes one of the networks of ACNet's own code, narrow and with random batch-norms, saves it as a training program does, and prints
what it answers. Arguments: network, file, half (to save it in half precision)."""
import json
import sys

import torch
import torch.nn as nn

from blocks import ACNet, conv, conv_bn


def seq(**parts):
    net = nn.Sequential()
    for name, part in parts.items(): net.add_module(name, part)
    return net


def bare(i, o, k, s=1, g=1):
    return conv_bn(i, o, k, s, k // 2, g) if k in (1, 7) else ACNet(i, o, k, s, g)


def relu(i, o, k, s=1, g=1):
    net = bare(i, o, k, s, g)
    if isinstance(net, ACNet): return seq(acb=net, relu=nn.ReLU())
    net.add_module('relu', nn.ReLU())
    return net


def before(i, o, k, s=1):
    last = dict(conv=conv(i, o, 1, s)) if k == 1 else dict(acb=ACNet(i, o, k, s, 1))
    return seq(bn=nn.BatchNorm2d(i), relu=nn.ReLU(), **last)


class VGG(nn.Module):
    widths, size = (4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8), 32

    def __init__(self):
        super().__init__()
        self.stem, i = nn.Sequential(), 3
        for at, o in enumerate(self.widths, 1):
            self.stem.add_module(f'conv{at}', relu(i, o, 3))
            if at in (2, 4, 7, 10, 13): self.stem.add_module(f'maxpool{(2, 4, 7, 10, 13).index(at) + 1}', nn.MaxPool2d(2))
            i = o
        self.linear1, self.linear2 = nn.Linear(i, 9), nn.Linear(9, 5)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(self.stem(x).flatten(1))))


class CifarQuick(nn.Module):
    size = 32

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = relu(3, 4, 5), relu(4, 5, 5), relu(5, 6, 5)
        self.fc1, self.fc2 = nn.Linear(3 * 3 * 6, 9), nn.Linear(9, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x), 3, 2)
        x = nn.functional.avg_pool2d(self.conv2(x), 3, 2)
        x = nn.functional.avg_pool2d(self.conv3(x), 3, 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class Basic(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        if s != 1 or i != o: self.shortcut = bare(i, o, 1, s)
        self.conv1, self.conv2 = relu(i, o, 3, s), bare(o, o, 3)

    def forward(self, x):
        return torch.relu(self.conv2(self.conv1(x)) + (self.shortcut(x) if hasattr(self, 'shortcut') else x))


class ResNet18(nn.Module):
    size = 45

    def __init__(self):
        super().__init__()
        self.conv1, i = relu(3, 4, 7, 2), 4
        for stage, o in enumerate((4, 5, 6, 7), 1):
            setattr(self, f'stage{stage}', nn.Sequential(Basic(i, o, 1 if stage == 1 else 2), Basic(o, o, 1)))
            i = o
        self.linear = nn.Linear(i, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x), 3, 2, 1)
        return self.linear(self.stage4(self.stage3(self.stage2(self.stage1(x)))).mean((2, 3)))


class Stage(nn.Module):
    def __init__(self, i, o, blocks, s, deep=False, first=False):
        super().__init__()
        if first: self.conv1, i = bare(i, o, 3), o
        else: self.projection = bare(i, o, 1, s)
        for at in range(blocks):
            inner = dict(conv1=relu(i, 3, 1), conv2=relu(3, 4, 3, s), conv3=bare(4, o, 1)) if deep else dict(conv1=relu(i, 3, 3, s), conv2=bare(3, o, 3))
            setattr(self, f'block{at}', seq(**inner))
            i, s = o, 1
        self.blocks = blocks

    def forward(self, x):
        x = torch.relu(self.conv1(x)) if hasattr(self, 'conv1') else x
        for at in range(self.blocks):
            base = self.projection(x) if at == 0 and hasattr(self, 'projection') else x
            x = torch.relu(base + getattr(self, f'block{at}')(x))
        return x


class Bottleneck(nn.Module):
    size = 45

    def __init__(self):
        super().__init__()
        self.conv1, i = relu(3, 4, 7, 2), 4
        for stage, o in enumerate((6, 7, 8, 9), 1):
            setattr(self, f'stage{stage}', Stage(i, o, 2, 1 if stage == 1 else 2, deep=True))
            i = o
        self.fc = nn.Linear(i, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x), 3, 2, 1)
        return self.fc(self.stage4(self.stage3(self.stage2(self.stage1(x)))).mean((2, 3)))


class CifarResNet(nn.Module):
    size = 32

    def __init__(self):
        super().__init__()
        self.stage1, self.stage2, self.stage3 = Stage(3, 4, 3, 1, first=True), Stage(4, 5, 3, 2), Stage(5, 6, 3, 2)
        self.linear = nn.Linear(6, 5)

    def forward(self, x):
        return self.linear(self.stage3(self.stage2(self.stage1(x))).mean((2, 3)))


class Wide(nn.Module):
    def __init__(self, i, o, s, project):
        super().__init__()
        if project: self.proj = before(i, o, 1, s)
        self.conv1, self.conv2 = before(i, o, 3, s), before(o, o, 3)

    def forward(self, x):
        return self.conv2(self.conv1(x)) + (self.proj(x) if hasattr(self, 'proj') else x)


class WideResNet(nn.Module):
    size = 32

    def __init__(self):
        super().__init__()
        self.conv1, i = bare(3, 4, 3), 4
        for stage, o in enumerate((5, 6, 7), 1):
            setattr(self, f'stage{stage}', seq(block1=Wide(i, o, 1 if stage == 1 else 2, True), block2=Wide(o, o, 1, False)))
            i = o
        self.last_bn, self.linear = nn.BatchNorm2d(i), nn.Linear(i, 5)

    def forward(self, x):
        return self.linear(self.last_bn(self.stage3(self.stage2(self.stage1(self.conv1(x))))).mean((2, 3)))


NETWORKS = {'vgg': VGG, 'cifar-quick': CifarQuick, 'resnet-18': ResNet18, 'resnet-50': Bottleneck, 'resnet-56': CifarResNet,
            'wrn-16': WideResNet}

if __name__ == '__main__':
    name, file, *half = sys.argv[1:]
    torch.manual_seed(0)
    net = NETWORKS[name]()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1), nn.init.normal_(m.bias, 0, 0.3)
            nn.init.normal_(m.running_mean, 0, 0.3), nn.init.uniform_(m.running_var, 0.5, 2)
    state = {key: value.to(getattr(torch, half[0])) if half and value.is_floating_point() else value for key, value in net.state_dict().items()}
    torch.save({'model': state, 'iteration': 1}, file)
    net.load_state_dict(state)
    net.eval()
    x = torch.randn(2, 3, net.size, net.size)
    with torch.no_grad():
        print(json.dumps({'images': x.permute(0, 2, 3, 1).flatten().tolist(), 'answers': net(x).flatten().tolist()}))
