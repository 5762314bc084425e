#!/usr/bin/env bash
# Installs the clients of AWS that the tests of `proofhouse fargate` drive, in a virtual environment of their own:
#
#   target/tools/aws/bin/aws       the AWS CLI
#   target/tools/aws/bin/python    with boto3
#
# What is installed is pinned, with hashes, in scripts/aws-clients.txt; an environment that has it is left alone.
set -euo pipefail

cd "$(dirname "$0")/.."
pinned=scripts/aws-clients.txt
environment=target/tools/aws

! cmp --quiet "$pinned" "$environment/installed.txt" || exit 0
echo "aws-clients: installing boto3 and the AWS CLI in $environment"
rm -rf "$environment"
if ! python3 -m venv "$environment"; then
  echo "aws-clients: python3 cannot make a virtual environment: run \`make setup\`, or install python3-venv" >&2
  exit 1
fi
if ! "$environment/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement "$pinned"; then
  echo "aws-clients: the packages of $pinned could not be installed: they come from PyPI, or where pip is configured to look" >&2
  exit 1
fi
# Last: it says that the rest is there.
cp "$pinned" "$environment/installed.txt"
