"""Blocks of several branches with the names that published code has."""
import torch
import torch.nn as nn


def conv(i, o, k, s=1, p=0, g=1, bias=False):
    return nn.Conv2d(i, o, k, s, p, groups=g, bias=bias)


def conv_bn(i, o, k, s, p, g):
    net = nn.Sequential()
    net.add_module('conv', conv(i, o, k, s, p, g))
    net.add_module('bn', nn.BatchNorm2d(o))
    return net


class Sum(nn.Module):
    def forward(self, x):
        return sum(branch(x) for branch in self.branches())

    def branches(self):
        return self.children()


class RepVGG(Sum):
    names = ('rbr_dense', 'rbr_1x1', 'rbr_identity')

    def __init__(self, i, o, k, s, g):
        super().__init__()
        dense, pointwise, identity = self.names
        setattr(self, dense, conv_bn(i, o, k, s, k // 2, g))
        setattr(self, pointwise, conv_bn(i, o, 1, s, 0, g))
        if i == o and s == 1: setattr(self, identity, nn.BatchNorm2d(i))


class Timm(RepVGG):
    names = ('conv_kxk', 'conv_1x1', 'identity')


class BorderedNorm(nn.Module):
    """A batch-norm whose map is padded with its answer to zero."""

    def __init__(self, channels, border):
        super().__init__()
        self.bn, self.border = nn.BatchNorm2d(channels), border

    def forward(self, x):
        b = self.bn
        answer = (b.bias - b.running_mean * b.weight / torch.sqrt(b.running_var + b.eps)).reshape(1, -1, 1, 1)
        return nn.functional.pad(b(x) - answer, [self.border] * 4) + answer


class IdentityConv(nn.Conv2d):
    """A 1x1 convolution that has learned what to add to the identity."""

    def forward(self, x):
        return super().forward(x) + x


class DBB(Sum):
    def __init__(self, i, o, k, s, g):
        super().__init__()
        self.dbb_origin = conv_bn(i, o, k, s, k // 2, g)
        self.dbb_avg = nn.Sequential()
        depthwise = g == o
        if not depthwise:
            self.dbb_avg.add_module('conv', conv(i, o, 1, g=g))
            self.dbb_avg.add_module('bn', BorderedNorm(o, k // 2))
        self.dbb_avg.add_module('avg', nn.AvgPool2d(k, s, k // 2 if depthwise else 0))
        self.dbb_avg.add_module('avgbn', nn.BatchNorm2d(o))
        if not depthwise: self.dbb_1x1 = conv_bn(i, o, 1, s, 0, g)
        inner = 2 * i if depthwise else i
        self.dbb_1x1_kxk = nn.Sequential()
        if depthwise: self.dbb_1x1_kxk.add_module('conv1', conv(i, inner, 1, g=g))
        else: self.dbb_1x1_kxk.add_module('idconv1', IdentityConv(i, i, 1, groups=g, bias=False))
        self.dbb_1x1_kxk.add_module('bn1', BorderedNorm(inner, k // 2))
        self.dbb_1x1_kxk.add_module('conv2', conv(inner, o, k, s, g=g))
        self.dbb_1x1_kxk.add_module('bn2', nn.BatchNorm2d(o))


class ACNet(nn.Module):
    def __init__(self, i, o, k, s, g):
        super().__init__()
        p = k // 2
        self.square_conv, self.square_bn = conv(i, o, k, s, p, g), nn.BatchNorm2d(o)
        self.ver_conv, self.ver_bn = conv(i, o, (k, 1), s, (p, 0), g), nn.BatchNorm2d(o)
        self.hor_conv, self.hor_bn = conv(i, o, (1, k), s, (0, p), g), nn.BatchNorm2d(o)

    def forward(self, x):
        return sum(bn(c(x)) for c, bn in (
            (self.square_conv, self.square_bn), (self.ver_conv, self.ver_bn), (self.hor_conv, self.hor_bn)))


def deployed(name):
    def build(i, o, k, s, g):
        block = Sum()
        setattr(block, name, conv(i, o, k, s, k // 2, g, bias=True))
        return block
    return build


KINDS = dict(repvgg=RepVGG, timm=Timm, dbb=DBB, acnet=ACNet, plain=lambda i, o, k, s, g: conv_bn(i, o, k, s, k // 2, g),
             rbr_reparam=deployed('rbr_reparam'), reparam_conv=deployed('reparam_conv'))


def put(root, path, module):
    *above, last = path.split('.')
    for name in above:
        if name not in dict(root.named_children()): root.add_module(name, nn.Module())
        root = getattr(root, name)
    root.add_module(last, module)
    return module
