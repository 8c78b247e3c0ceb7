"""Writes reference cases into a folder, computed by PyTorch from the definitions of the blocks (RepNAS, arXiv 2109.03508; DBB,
2103.13425) and not by anybody's code: one search step of supernets of several depths, with weight sharing and without, and
single branch ops with groups and odd image sizes. The layout is that of the reference cases."""
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = Path(sys.argv[1])
torch.manual_seed(11)


def array(t): return {'shape': list(t.shape), 'data': [float(v) for v in t.detach().reshape(-1)]}


def state(module): return {k: array(v) for k, v in module.state_dict().items() if 'num_batches' not in k}


def write(name, **case): (OUT / f'{name}.json').write_text(json.dumps(case))


def randomise(module):
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, 0, 0.5)
            norm.running_mean.normal_(0, 0.4)
            norm.running_var.uniform_(0.5, 1.6)
    return module


class BorderedNorm(nn.Module):
    """Pads with the norm's answer to zeros, from running statistics after the update, outside the gradient."""
    def __init__(self, channels):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn(x)
        border = self.bn.bias - self.bn.running_mean * self.bn.weight / torch.sqrt(self.bn.running_var + self.bn.eps)
        n, c, h, w = y.shape
        padded = border.detach().view(1, c, 1, 1).expand(n, c, h + 2, w + 2).clone()
        padded[:, :, 1:1 + h, 1:1 + w] = y
        return padded


class Conv(nn.Module):
    """`shared` gives the kernel in the place of the branch's own."""
    def __init__(self, inputs, outputs, size, stride, groups=1, padded=True):
        super().__init__()
        self.padding = tuple(side // 2 if padded else 0 for side in size)
        self.conv = nn.Conv2d(inputs, outputs, size, stride, self.padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.shared = None

    def forward(self, x):
        kernel = self.shared() if self.shared else self.conv.weight
        return self.bn(F.conv2d(x, kernel, None, self.conv.stride, self.padding, 1, self.conv.groups))


class Pointwise(nn.Module):
    def __init__(self, inputs, outputs, groups):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1, groups=groups, bias=False)
        self.bn = BorderedNorm(outputs)
        self.shared = None

    def forward(self, x):
        kernel = self.shared() if self.shared else self.conv.weight
        return self.bn(F.conv2d(x, kernel, groups=self.conv.groups))


class Average(nn.Module):
    def __init__(self, inputs, outputs, stride, groups=1):
        super().__init__()
        self.conv1 = Pointwise(inputs, outputs, groups)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride = stride

    def forward(self, x): return self.bn2(F.avg_pool2d(self.conv1(x), 3, self.stride))


class Sequence(nn.Module):
    """At stride 2 without its first 1x1, as the released code."""
    def __init__(self, inputs, outputs, stride, groups=1):
        super().__init__()
        self.pointwise = stride == 1
        if self.pointwise:
            self.conv1 = nn.Conv2d(inputs, inputs, 1, groups=groups, bias=False)
            self.bn1 = BorderedNorm(inputs)
        self.conv2 = Conv(inputs, outputs, (3, 3), stride, groups, padded=not self.pointwise)
        self.shared = None

    def forward(self, x):
        if self.pointwise:
            kernel = self.shared() if self.shared else self.conv1.weight
            channels, per_group = kernel.shape[:2]
            identity = torch.eye(per_group).repeat(channels // per_group, 1).view(channels, per_group, 1, 1)
            x = self.bn1(F.conv2d(x, kernel + identity, groups=self.conv1.groups))
        return self.conv2(x)


class Identity(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x): return self.bn(x)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, sharing):
        super().__init__()
        conv = lambda size: Conv(inputs, outputs, size, stride)
        self.conv = conv((3, 3))
        self._ops = nn.ModuleList([
            conv((1, 1)), Average(inputs, outputs, stride), conv((3, 3)), Sequence(inputs, outputs, stride),
            conv((1, 3)), conv((3, 1))])
        if inputs == outputs and stride == 1: self.skip_connect = Identity(outputs)
        if sharing: self.share()

    def share(self):
        window = lambda rows, columns: lambda: self.conv.conv.weight[:, :, rows, columns]
        whole, middle = slice(0, 3), slice(1, 2)
        pointwise, average, full, sequence, row, column = self._ops
        pointwise.shared = average.conv1.shared = sequence.shared = window(middle, middle)
        full.shared = sequence.conv2.shared = window(whole, whole)
        row.shared, column.shared = window(middle, whole), window(whole, middle)

    def forward(self, x, mask, gates):
        parts = [gate * op(x) for op, kept, gate in zip(self._ops, mask, gates) if kept]
        if hasattr(self, 'skip_connect'): parts.append(self.skip_connect(x))
        return F.relu(sum(parts) if parts else self._ops[2](x))


class Network(nn.Module):
    def __init__(self, inputs, channels, strides, classes, sharing):
        super().__init__()
        self.alphas = nn.Parameter(2 * torch.randn(len(channels), 6))
        shapes = zip([inputs] + channels, channels, strides)
        self.features = nn.ModuleList([Block(*shape, sharing) for shape in shapes])
        self.linear = nn.Linear(channels[-1], classes)


def step(name, channels, strides, size, *, sharing=False, constraint, classes, inputs=3, batch=5,
         sgd=dict(lr=0.05, momentum=0.8, weightDecay=3e-4), adam=dict(lr=0.02, betas=[0.6, 0.99], weightDecay=1e-3)):
    network = randomise(Network(inputs, channels, strides, classes, sharing)).train()
    params = state(network)
    u0, u1 = torch.rand(2, len(channels), 6)
    ranks = network.alphas - torch.log(-torch.log(u0)) + torch.log(-torch.log(u1))
    mask = torch.zeros(ranks.numel())
    mask[torch.topk(ranks.detach().flatten(), math.floor(constraint * ranks.numel())).indices] = 1
    mask = mask.view_as(ranks)
    gates = mask + torch.sigmoid(ranks) - torch.sigmoid(ranks).detach()
    x, labels = torch.randn(batch, inputs, *size), torch.randint(0, classes, (batch,))
    y = x
    for block, kept, own in zip(network.features, mask.bool().tolist(), gates): y = block(y, kept, own)
    logits = network.linear(y.mean((2, 3)))
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    grads = {k: array(p.grad) for k, p in network.named_parameters() if p.grad is not None}
    weights = [p for k, p in network.named_parameters() if k != 'alphas']
    torch.optim.SGD(weights, lr=sgd['lr'], momentum=sgd['momentum'], weight_decay=sgd['weightDecay']).step()
    torch.optim.Adam([network.alphas], lr=adam['lr'], betas=tuple(adam['betas']), weight_decay=adam['weightDecay']).step()
    write(name, kind='supernet-step', weightSharing=sharing, constraint=constraint, strides=strides, channels=channels,
          uniformNoise=[array(u0), array(u1)], sgd=sgd, adam=adam, params=params, x=array(x), labels=labels.tolist(),
          mask=array(mask), logits=array(logits), loss=float(loss), grads=grads, paramsAfter=state(network))


def kernel_of(branch, inputs, outputs, stride, groups):
    """A branch is one convolution: its answers to nothing and to impulses are bias and kernel."""
    at_one = lambda image: branch(image)[0, :, 1, 1]
    bias = at_one(torch.zeros(1, inputs, 8, 8).double())
    per_in, per_out = inputs // groups, outputs // groups
    kernel = torch.zeros(outputs, per_in, 3, 3).double()
    for channel in range(inputs):
        of_group = slice(channel // per_in * per_out, (channel // per_in + 1) * per_out)
        for row in range(3):
            for column in range(3):
                impulse = torch.zeros(1, inputs, 8, 8).double()
                impulse[0, channel, stride + row - 1, stride + column - 1] = 1
                kernel[of_group, channel % per_in, row, column] = (at_one(impulse) - bias)[of_group]
    return kernel.float(), bias.float()


def op(name, kind, branch, inputs, outputs, stride, groups, size):
    randomise(branch)
    params, x = state(branch), torch.randn(3, inputs, *size)
    with torch.no_grad():
        evaluated = branch.eval()(x)
        kernel, bias = kernel_of(branch.double(), inputs, outputs, stride, groups)
        trained = branch.float().train()(x)
    write(name, kind='repnas-op', op=kind, inChannels=inputs, outChannels=outputs, stride=stride, groups=groups, params=params,
          x=array(x), evalOutput=array(evaluated), fusedKernel=array(kernel), fusedBias=array(bias),
          trainOutput=array(trained), paramsAfterTrainStep=state(branch))


step('one layer', [7], [1], (9, 7), constraint=0.5, classes=2, batch=6)
step('grey', [5, 5], [1, 1], (8, 8), constraint=0.6, classes=3, inputs=1, batch=7,
     sgd=dict(lr=0.3, momentum=0, weightDecay=0), adam=dict(lr=0.001, betas=[0.9, 0.999], weightDecay=0))
step('three, shared', [4, 4, 8], [2, 1, 2], (17, 13), sharing=True, constraint=0.4, classes=7)
step('nine', [6, 6, 6, 8, 8, 8, 8, 12, 12], [1, 1, 1, 2, 1, 1, 1, 2, 1], (12, 14), constraint=0.25, classes=4, batch=4)
step('twelve, shared', [3, 3] + 5 * [6] + 5 * [9], [1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1], (13, 16), sharing=True,
     constraint=0.3, classes=3)
KINDS = {
    'Conv_1x1': lambda *s: Conv(*s[:2], (1, 1), *s[2:]), 'Conv_3x3': lambda *s: Conv(*s[:2], (3, 3), *s[2:]),
    'Conv_1x3': lambda *s: Conv(*s[:2], (1, 3), *s[2:]), 'Conv_3x1': lambda *s: Conv(*s[:2], (3, 1), *s[2:]),
    'AvgPoolBN': Average, 'Conv_1x1_3x3': Sequence}
for kind, make in KINDS.items():
    for at, (*shape, size) in enumerate([(6, 9, 1, 3, (7, 5)), (2, 8, 2, 1, (9, 6)), (5, 5, 1, 5, (4, 11)), (3, 6, 2, 3, (5, 5))]):
        op(f'{kind} {at}', kind, make(*shape), *shape, size)
op('identity', 'skip_connect', Identity(7), 7, 7, 1, 1, (5, 6))
