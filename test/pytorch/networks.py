"""Makes one of DBB's networks, narrow and with random batch-norms, saves it as a training program does, and prints what it answers.
Arguments: network, block, file."""
import json
import sys

import torch
import torch.nn as nn

from blocks import KINDS, conv_bn


def block(i, o, k, s=1, g=1, relu=True):
    if k in (1, 7): return Activated(conv_bn(i, o, k, s, k // 2, g), relu)
    return Activated(KINDS[sys.argv[2]](i, o, k, s, g), relu)


def Activated(module, relu):
    """The same module, so that nothing is added to its names; a ReLU follows where one is wanted."""
    if relu: module.register_forward_hook(lambda _, __, y: torch.relu(y))
    return module


class Residual(nn.Module):
    def __init__(self, i, o, s, deep):
        super().__init__()
        wide = 4 * o if deep else o
        if s != 1 or i != wide: self.shortcut = block(i, wide, 1, s, relu=False)
        if deep: self.conv1, self.conv2, self.conv3 = block(i, o, 1), block(o, o, 3, s), block(o, wide, 1, relu=False)
        else: self.conv1, self.conv2 = block(i, o, 3, s), block(o, o, 3, relu=False)

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        if hasattr(self, 'conv3'): y = self.conv3(y)
        return torch.relu(y + (self.shortcut(x) if hasattr(self, 'shortcut') else x))


class ResNet(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.stage0 = nn.Sequential()
        self.stage0.add_module('conv1', block(3, 8, 7, 2))
        self.stage0.add_module('maxpool', nn.MaxPool2d(3, 2, 1))
        i = 8
        for stage, (o, count) in enumerate(((8, 2), (12, 2), (16, 1), (20, 1)), 1):
            parts = []
            for at in range(count):
                parts.append(Residual(i, o, 2 if at == 0 and stage > 1 else 1, deep))
                i = 4 * o if deep else o
            setattr(self, f'stage{stage}', nn.Sequential(*parts))
        self.linear = nn.Linear(i, 5)

    def forward(self, x):
        x = self.stage4(self.stage3(self.stage2(self.stage1(self.stage0(x)))))
        return self.linear(x.mean((2, 3)))


class Pair(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.depthwise, self.pointwise = block(i, i, 3, s, i), block(i, o, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class MobileNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [4, 4, 6, 6, 8, 8, 10, 10, 10, 10, 10, 10, 12, 12]
        self.conv1 = block(3, widths[0], 3, 2)
        self.stem = nn.Sequential(*(Pair(widths[at], widths[at + 1], 2 if at in (1, 3, 5, 11) else 1) for at in range(13)))
        self.linear = nn.Linear(widths[-1], 5)

    def forward(self, x):
        return self.linear(self.stem(self.conv1(x)).mean((2, 3)))


torch.manual_seed(0)
net = {'resnet-18': lambda: ResNet(False), 'resnet-50': lambda: ResNet(True), 'mobilenet': MobileNet}[sys.argv[1]]()
for m in net.modules():
    if isinstance(m, nn.BatchNorm2d):
        nn.init.uniform_(m.weight, 0.5, 1), nn.init.normal_(m.bias, 0, 0.3)
        nn.init.normal_(m.running_mean, 0, 0.3), nn.init.uniform_(m.running_var, 0.5, 2)
net.eval()
torch.save({'epoch': 1, 'state_dict': {'module.' + name: value for name, value in net.state_dict().items()}}, sys.argv[3])
x = torch.randn(2, 3, 45, 52)
with torch.no_grad():
    print(json.dumps({'images': x.permute(0, 2, 3, 1).flatten().tolist(), 'answers': net(x).flatten().tolist()}))
