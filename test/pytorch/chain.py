"""Reads a request as JSON on stdin: a safetensors file, blocks one behind the other by kind and name, and images. Builds the network
with the names that published code has, loads the file strictly, and prints what it answers."""
import json
import sys

import torch
import torch.nn as nn

from blocks import KINDS, put
from safe import read

request = json.load(sys.stdin)
root = nn.Module()
blocks = [put(root, b['name'], KINDS[b['kind']](*(b[key] for key in ('inputs', 'outputs', 'size', 'stride', 'groups'))))
          for b in request['blocks']]
dense = put(root, request['dense']['name'], nn.Linear(request['dense']['inputs'], request['dense']['outputs']))
root.load_state_dict(read(request['file']), strict=True)
root.eval()
with torch.no_grad():
    x = torch.tensor(request['images']).reshape(request['shape'])
    for block in blocks: x = torch.relu(block(x))
    print(json.dumps(dense(x.mean((2, 3))).flatten().tolist()))
