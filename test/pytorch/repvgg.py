"""Builds a whole RepVGG with the names that published code has, by the paper's tables, loads files strictly, and prints what each
answers. Reads a request as JSON on stdin: variant, files with what each is, and images."""
import json
import sys

import torch
import torch.nn as nn

from blocks import KINDS
from safe import read

A, B = (2, 4, 14, 1), (4, 6, 16, 1)
VARIANTS = {'a0': (A, (.75, .75, .75, 2.5), 1), 'b1g4': (B, (2, 2, 2, 4), 4)}
# Kind of block as trained and folded, and what stem, stage n and dense layer are called.
CODE = {
    'repvgg': ('repvgg', 'rbr_reparam', 'stage0', lambda n: f'stage{n}', 'linear'),
    'timm': ('timm', 'reparam_conv', 'stem', lambda n: f'stages.{n - 1}', 'head.fc'),
}


def network(variant, code, form, classes):
    layers, multipliers, groups = VARIANTS[variant]
    trained, folded, stem, stage, dense = CODE[code]
    build = KINDS[trained if form == 'training' else folded]
    widths = [int(base * m) for base, m in zip((64, 128, 256, 512), multipliers)]
    channels = min(64, widths[0])
    parts, layer = {stem: build(3, channels, 3, 2, 1)}, 0
    for n, (count, width) in enumerate(zip(layers, widths), 1):
        for at in range(count):
            layer += 1
            parts[f'{stage(n)}.{at}'] = build(channels, width, 3, 1 if at else 2, 1 if layer % 2 else groups)
            channels = width
    return parts, {dense: nn.Linear(channels, classes)}


def answer(variant, code, form, file, x):
    parts, dense = network(variant, code, form, classes=10)
    tensors = read(file)
    known = {f'{name}.{key}': (module, key) for name, module in {**parts, **dense}.items() for key in module.state_dict()}
    extra = set(tensors) - set(known)
    if extra: raise SystemExit(f'{file} has {sorted(extra)[:4]}, which the network has not')
    for name, module in {**parts, **dense}.items():
        module.load_state_dict({key: tensors[f'{name}.{key}'] for key in module.state_dict() if f'{name}.{key}' in tensors})
        module.eval()
    for part in parts.values(): x = torch.relu(part(x))
    return next(iter(dense.values()))(x.mean((2, 3)))


request = json.load(sys.stdin)
with torch.no_grad():
    x = torch.tensor(request['images']).reshape(request['shape']).permute(0, 3, 1, 2)
    print(json.dumps([answer(request['variant'], **one, x=x).flatten().tolist() for one in request['files']]))
