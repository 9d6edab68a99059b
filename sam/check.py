#!/usr/bin/env python3
"""What sam/test.sh asks of JSON and of the clock.

check.py before SAMPLE                   the samples that the api function takes first
check.py sample SAMPLE ANSWER BACKENDS   is the answer, and what reached SES and the dead letters, as expected?
check.py event TYPE < DATA               an event of the matter mat-sam
check.py has TEXT...                     are all these texts in the JSON on standard input, written without spaces?
check.py instant SECONDS                 that long from now, in whole seconds
check.py passed INSTANT [SECONDS]        has the instant passed, by that much?

The expectations of the samples are those of the tests of the same binaries without containers.
"""

import datetime
import json
import pathlib
import sys
import time
import urllib.request
import uuid

EXPECTATIONS = pathlib.Path(__file__).parent.parent / "internal/lambdatest/testdata"


def expectation(sample):
    return json.loads((EXPECTATIONS / f"{sample}.json").read_text())


def differences(want, got, at=""):
    """Everything in want that is not in got: fields of objects, all elements of arrays.

    A string in got that holds JSON is read where want has an object.
    """
    if isinstance(want, dict):
        if isinstance(got, str):
            got = json.loads(got)
        if not isinstance(got, dict):
            return [f"{at}: {got!r} is no object"]
        missing = [f"{at}/{k}: missing" for k in want if k not in got]
        return missing + [d for k in want if k in got for d in differences(want[k], got[k], f"{at}/{k}")]
    if isinstance(want, list):
        if not isinstance(got, list) or len(want) != len(got):
            return [f"{at}: {got!r} instead of {len(want)} elements"]
        return [d for i, pair in enumerate(zip(want, got)) for d in differences(*pair, f"{at}/{i}")]
    return [] if want == got else [f"{at}: {got!r} instead of {want!r}"]


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def before(sample):
    print(*expectation(sample).get("before", []))


def sample(name, answer, backends):
    want = expectation(name)
    then = want.get("then", {})
    text = pathlib.Path(answer).read_text()
    found = differences(want["answer"], json.loads(text), "answer")
    mails = [m["to"] for m in fetch(f"{backends}/local/inbox.json")]
    found += differences(then.get("mails", []), mails, "mails")
    letters = fetch(f"{backends}/local/outbox.json")["deadLetters"] or []
    found += differences(then.get("deadLetters", []), letters, "deadLetters")
    if found:
        sys.exit("\n".join([*found, text]))


def event(kind):
    print(json.dumps({"specversion": "1.0", "id": str(uuid.uuid4()), "source": "legal.example", "type": kind,
                      "subject": "mat-sam", "actor": "counsel:ak", "data": json.load(sys.stdin)}))


def has(*texts):
    text = json.dumps(json.load(sys.stdin), separators=(",", ":"), ensure_ascii=False)
    missing = [t for t in texts if t not in text]
    if missing:
        sys.exit(f"{missing} not in {text}")


def instant(seconds):
    at = datetime.datetime.fromtimestamp(int(time.time()) + int(seconds), datetime.timezone.utc)
    print(at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def passed(at, seconds="0"):
    end = datetime.datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    sys.exit(time.time() < end.timestamp() + int(seconds))


if __name__ == "__main__":
    commands = {f.__name__: f for f in (before, sample, event, has, instant, passed)}
    commands[sys.argv[1]](*sys.argv[2:])
