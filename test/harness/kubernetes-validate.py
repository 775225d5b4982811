"""Validates the documents of manifests by the schemas of Kubernetes versions: kubernetes-validate.py VERSION[,VERSION...] FILE...

Kinds of other API groups (custom resources) have no schema there and are counted as skipped. Prints one JSON object.
"""
import json
import sys

import kubernetes_validate
import yaml

versions, files = sys.argv[1].split(','), sys.argv[2:]
faults, valid, skipped = [], 0, 0
for file in files:
    with open(file) as text:
        documents = [one for one in yaml.safe_load_all(text) if one]
    for document in documents:
        group = document['apiVersion'].split('/')[0]
        if '.' in group and not group.endswith('k8s.io'):
            skipped += 1
            continue
        for version in versions:
            try:
                kubernetes_validate.validate(document, version, strict=True)
                valid += 1
            except Exception as error:
                where = f"{file} {document['kind']} {document['metadata']['name']} ({version})"
                faults.append(f'{where}: {str(error)[:500]}')
print(json.dumps({'valid': valid, 'skipped': skipped, 'faults': faults}))
