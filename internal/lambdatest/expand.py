"""Expands template.yaml as CloudFormation will, with SAM's own translator and without a network, and writes JSON.

Usage: expand.py TEMPLATE OUTPUT
"""

import json
import os
import sys

os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    """Stands for the names of AWS' managed policies, of which the template uses none."""

    def load(self):
        return {}


def main(source, target):
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file)
    # The translator wants what "sam package" makes of a folder.
    template["Globals"]["Function"]["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    expanded = transform(template, {}, NoPolicies())
    with open(target, "w", encoding="utf-8") as file:
        json.dump(expanded, file, indent=1, sort_keys=True)


main(*sys.argv[1:])
