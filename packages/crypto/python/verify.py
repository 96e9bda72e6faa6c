#!/usr/bin/env python3
"""Holds mayfly.py against the vectors. Last line: "N passed, N failed"; exit code 1 on failure."""

import hashlib
import json
import sys
from pathlib import Path

import mayfly

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def bytes_of(rule):
    if "hex" in rule:
        return bytes.fromhex(rule["hex"])
    if "utf8" in rule:
        return rule["utf8"].encode("utf-8")
    unit = bytes.fromhex(rule["repeat"])
    return (unit * (rule["length"] // len(unit) + 1))[: rule["length"]]


def text_of(rule):
    return rule if isinstance(rule, str) else rule["unit"] * rule["times"]


def build(pieces, keys, good):
    built = b""
    for piece in pieces:
        if "of" in piece:
            built += good[piece["of"]][piece["from"] : piece["to"]]
        elif "commitment" in piece:
            built += keys.payload(built)[1]
        elif "box" in piece:
            box = piece["box"]
            plain = b"".join(map(bytes_of, box["plain"]))
            built += mayfly.seal_chunk(plain, box["index"], box["final"], keys.payload(built[:30])[0])
        else:
            built += bytes_of(piece)
    return built


def reason_of(attempt):
    try:
        attempt()
        return "accepted"
    except mayfly.Refused as refused:
        return refused.reason


class Verdict:
    passed = 0
    failed = 0

    def expect(self, vector, what, actual, expected):
        if actual == expected:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {vector}: {what}: expected {expected!r:.200}, got {actual!r:.200}")


def judge_keys(verdict, vectors):
    made = {}
    for vector in vectors["good"]:
        keys = made[vector["name"]] = mayfly.Keys(bytes.fromhex(vector["token"]), vector["passphrase"])
        proof = keys.passphrase_proof
        actual = {
            "passphraseSalt": keys.passphrase_salt,
            "passwordKey": keys.password_key,
            "root": keys.root,
            "linkProof": keys.link_proof,
            "linkVerifier": hashlib.sha256(keys.link_proof).digest(),
            "passphraseProof": proof,
            "passphraseVerifier": proof and hashlib.sha256(proof).digest(),
        }
        for name, value in actual.items():
            verdict.expect(vector["name"], name, value and value.hex(), vector[name])
    for vector in vectors["manage"]:
        token = mayfly.manage_token(bytes.fromhex(vector["seed"]))
        verdict.expect(vector["name"], "manageToken", token.hex(), vector["manageToken"])
        verifier = hashlib.sha256(token).hexdigest()
        verdict.expect(vector["name"], "manageVerifier", verifier, vector["manageVerifier"])
    for vector in vectors["refused"]:
        reason = reason_of(lambda: mayfly.passphrase_bytes(text_of(vector["passphrase"])))
        verdict.expect(vector["name"], "passphrase", reason, vector["reason"])
    return made


def judge_links(verdict, vectors):
    for vector in vectors["good"]:
        content = vector["kind"], vector["hasPassphrase"], bytes.fromhex(vector["id"]), bytes.fromhex(vector["secret"])
        verdict.expect(vector["name"], "encode", mayfly.encode_code(*content), vector["code"])
        verdict.expect(vector["name"], "decode", mayfly.decode_code(vector["code"]), content)
    for vector in vectors["refused"]:
        verdict.expect(vector["name"], "decode", reason_of(lambda: mayfly.decode_code(vector["code"])), vector["reason"])
    for vector in vectors["pasted"]:
        if "reason" in vector:
            reason = reason_of(lambda: mayfly.read_link(vector["pasted"]))
            verdict.expect(vector["name"], "read", reason, vector["reason"])
        else:
            expected = vector["code"], vector["repaired"], vector["sawServer"]
            verdict.expect(vector["name"], "read", mayfly.read_link(vector["pasted"]), expected)


def judge_envelopes(verdict, vectors, keys):
    made = {}
    for vector in vectors:
        name, own, content = vector["name"], keys[vector["keys"]], bytes_of(vector["content"])
        encoded = mayfly.encode_meta(vector["meta"])
        verdict.expect(name, "meta's text", encoded.decode("utf-8"), vector["metaText"])
        envelope = made[name] = mayfly.seal(vector["meta"], content, own, bytes.fromhex(vector["nonce"]))
        verdict.expect(name, "length", len(envelope), vector["length"])
        verdict.expect(name, "commitment", envelope[30:62].hex(), vector["commitment"])
        verdict.expect(name, "sha256", hashlib.sha256(envelope).hexdigest(), vector["sha256"])
        if "envelope" in vector:
            verdict.expect(name, "envelope", envelope.hex(), vector["envelope"])
        verdict.expect(name, "open", mayfly.open_envelope(envelope, own), (vector["meta"], content))
    return made


def judge_unknowns(verdict, vectors, keys, good):
    for vector in vectors:
        name, own = vector["name"], keys[vector["keys"]]
        envelope = build(vector["pieces"], own, good)
        verdict.expect(name, "length", len(envelope), vector["length"])
        verdict.expect(name, "sha256", hashlib.sha256(envelope).hexdigest(), vector["sha256"])
        expected = {"kind": "unknown"}, bytes_of(vector["content"])
        verdict.expect(name, "open", mayfly.open_envelope(envelope, own), expected)


def judge_refusals(verdict, vectors, keys, good):
    for vector in vectors:
        name = vector["name"]
        envelope = build(vector["pieces"], keys[vector["keys"]], good)
        verdict.expect(name, "length", len(envelope), vector["length"])
        verdict.expect(name, "sha256", hashlib.sha256(envelope).hexdigest(), vector["sha256"])
        opening = keys[vector.get("openedWith", vector["keys"])]
        verdict.expect(name, "open", reason_of(lambda: mayfly.open_envelope(envelope, opening)), vector["reason"])


def main():
    verdict = Verdict()
    keys = judge_keys(verdict, load("keys"))
    judge_links(verdict, load("links"))
    good = judge_envelopes(verdict, load("envelopes"), keys)
    judge_unknowns(verdict, load("unknowns"), keys, good)
    judge_refusals(verdict, load("refusals"), keys, good)
    print(f"{verdict.passed} passed, {verdict.failed} failed")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
