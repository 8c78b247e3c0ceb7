#!/usr/bin/env python3
"""The peer of scripts/bench-peer: the same steps in PyTorch on this CPU, one for each line `step` on standard input.

Answers in JSON lines: {"ready": ...}, {"milliseconds": ...} for each step, {"peakMiB": ...} at `end`. Peak memory is the
process's own largest resident set, less what it was before the network was built.
"""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

STAGES = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]
SHAPES = {'kxk': (3, 3), '1x1': (1, 1), '1xk': (1, 3), 'kx1': (3, 1), '1x1-kxk': (3, 3), '1x1-avg': (1, 1)}
BRANCHES = {
    'plain': ['kxk'],
    'dbb': ['kxk', '1x1', '1x1-kxk', '1x1-avg'],
    'repnas': list(SHAPES),
    'all7': list(SHAPES),
}


class Bordered(nn.Module):
    """Batch-norm, then a border of what it makes of a zero input, under the running statistics, as the official code."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        norm = self.norm
        y = F.pad(norm(x), (1, 1, 1, 1))
        with torch.no_grad():
            answer = norm.bias - norm.running_mean * norm.weight / torch.sqrt(norm.running_var + norm.eps)
            border = answer.view(1, -1, 1)
        y[:, :, 0, :] = border
        y[:, :, -1, :] = border
        y[:, :, :, 0] = border
        y[:, :, :, -1] = border
        return y


class Branch(nn.Module):
    def __init__(self, kind, inputs, outputs):
        super().__init__()
        self.kind = kind
        height, width = SHAPES[kind]
        scale = (2 / (inputs * height * width)) ** 0.5
        self.kernel = nn.Parameter(torch.randn(outputs, inputs, height, width) * scale)
        self.norm = nn.BatchNorm2d(outputs)
        self.padding = (height // 2, width // 2)
        if kind == '1x1-kxk':
            self.learned = nn.Parameter(torch.zeros(inputs, inputs, 1, 1))
            self.register_buffer('identity', torch.eye(inputs).view(inputs, inputs, 1, 1))
            self.inner = Bordered(inputs)
        if kind == '1x1-avg':
            self.inner = Bordered(outputs)

    def forward(self, x):
        if self.kind == '1x1-kxk':
            return self.norm(F.conv2d(self.inner(F.conv2d(x, self.learned + self.identity)), self.kernel))
        if self.kind == '1x1-avg':
            return self.norm(F.avg_pool2d(self.inner(F.conv2d(x, self.kernel)), 3, 1))
        return self.norm(F.conv2d(x, self.kernel, padding=self.padding))


class Block(nn.Module):
    def __init__(self, mode, inputs, outputs):
        super().__init__()
        self.branches = nn.ModuleList(Branch(kind, inputs, outputs) for kind in BRANCHES[mode])
        skips = mode in ('repnas', 'all7') and inputs == outputs
        self.identity = nn.BatchNorm2d(outputs) if skips else None

    def forward(self, x, gates, mask):
        """`gates` and `mask` are of this block's branches; None: all of them, ungated."""
        total = None if self.identity is None else self.identity(x)
        for at, branch in enumerate(self.branches):
            if mask is not None and not mask[at]:
                continue
            y = branch(x) if gates is None else gates[at] * branch(x)
            total = y if total is None else total + y
        # A block that the mask leaves with nothing runs its KxK branch, as the official code.
        return F.relu(self.branches[0](x) if total is None else total)


class Network(nn.Module):
    def __init__(self, mode, width, kept):
        super().__init__()
        self.kept = kept
        self.stages = nn.ModuleList()
        channels = 3
        for stage in STAGES:
            blocks = nn.ModuleList()
            for count in stage:
                outputs = max(1, int(count * width))
                blocks.append(Block(mode, channels, outputs))
                channels = outputs
            self.stages.append(blocks)
        self.dense = nn.Linear(channels, 10)
        count = sum(len(stage) for stage in STAGES)
        self.alpha = nn.Parameter(torch.zeros(count, len(SHAPES))) if mode == 'repnas' else None

    def select(self):
        """Gates and mask of one step: the highest of alpha and logistic noise, straight through."""
        uniform = torch.rand_like(self.alpha).clamp(1e-6, 1 - 1e-6)
        ranks = self.alpha + torch.log(uniform) - torch.log1p(-uniform)
        highest = ranks.flatten().topk(int(ranks.numel() * self.kept)).indices
        mask = torch.zeros(ranks.numel()).scatter_(0, highest, 1).view_as(ranks)
        soft = ranks.sigmoid()
        return mask + soft - soft.detach(), mask.bool().tolist()

    def forward(self, x):
        gates, mask = (None, None) if self.alpha is None else self.select()
        layer = 0
        for stage in self.stages:
            for block in stage:
                x = block(x, None if gates is None else gates[layer], None if mask is None else mask[layer])
                layer += 1
            x = F.max_pool2d(x, 2)
        return self.dense(x.flatten(1))


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def answer(**message):
    print(json.dumps(message), flush=True)


def main():
    setting = json.loads(sys.argv[1])
    mode, channels_last = setting['mode'], setting['channelsLast']
    torch.manual_seed(0)
    torch.set_num_threads(setting['threads'])
    x = torch.randn(setting['batch'], 3, 32, 32)
    labels = torch.randint(0, 10, (setting['batch'],))
    before = resident()
    network = Network('plain' if mode == 'fused' else mode, setting['width'], setting['kept'])
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    if mode == 'fused':
        # Convolution with bias and ReLU: what is left of a block.
        network.eval()
        for block in (block for stage in network.stages for block in stage):
            branch = block.branches[0]
            bias = nn.Parameter(torch.zeros(branch.kernel.shape[0]))
            block.forward = lambda x, gates, mask, branch=branch, bias=bias: F.relu(
                F.conv2d(x, branch.kernel, bias, padding=branch.padding)
            )
    weights = [parameter for name, parameter in network.named_parameters() if name != 'alpha']
    sgd = torch.optim.SGD(weights, lr=0.05, momentum=0.9)
    adam = None if network.alpha is None else torch.optim.Adam([network.alpha], lr=1e-4, betas=(0.5, 0.999))

    def step():
        if mode == 'fused':
            with torch.no_grad():
                network(x)
            return
        for optimizer in filter(None, [sgd, adam]):
            optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(network(x), labels).backward()
        for optimizer in filter(None, [sgd, adam]):
            optimizer.step()

    answer(ready=f'PyTorch {torch.__version__}, {torch.get_num_threads()} threads')
    for line in sys.stdin:
        if line.strip() == 'end':
            break
        began = time.perf_counter()
        step()
        answer(milliseconds=(time.perf_counter() - began) * 1e3)
    answer(peakMiB=resident() - before)


main()
