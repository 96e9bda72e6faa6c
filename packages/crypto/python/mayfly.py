#!/usr/bin/env python3
"""Mayfly's cryptography a second time, from SPEC.md alone: PyNaCl and the standard library.

As a tool (secrets come by environment, never as arguments; envelopes and contents by standard input and output):

    python3 mayfly.py token                                  a new token, seed or claim, base64url
    TOKEN=... [PASSPHRASE=...] python3 mayfly.py keys        proofs and verifiers as JSON, base64url
    LINK=...  [PASSPHRASE=...] python3 mayfly.py keys        the same with the id; of a manage link: as manage
    SEED=...  python3 mayfly.py manage                       manageToken and manageVerifier of a manage link's seed
    python3 mayfly.py field NAME                             < JSON object > the value of one of its fields
    TOKEN=... [PASSPHRASE=...] python3 mayfly.py seal [text|login|contact|NAME-OF-FILE]   < content > envelope
    TOKEN=... ID=... [PASSPHRASE=...] python3 mayfly.py code link                         the 72 characters
    SEED=...  ID=... [PASSPHRASE=...] python3 mayfly.py code manage                       the same of a manage link
    LINK=...  [PASSPHRASE=...] python3 mayfly.py open        < envelope > content; the meta goes to standard error

Everything refused raises Refused, whose reason is one of SPEC.md section 9. Exit codes: 0, 1 refused, 2 wrong usage.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import unicodedata

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

CHUNK = 65_536
PREFIX = 62
LENGTHS = 12  # that of the meta (u32), that of the content (u64)
LARGEST_SIZE = 2**53 - 1


class Refused(Exception):
    """Refused for `reason`."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


# -- base64url ---------------------------------------------------------------------------------------------------------


def encode_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text):
    if len(text) % 4 == 1 or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Refused("base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_base64url(data) != text:
        raise Refused("base64url")
    return data


# -- derivation --------------------------------------------------------------------------------------------------------


def extract(salt, key_material):
    return hmac.digest(salt, key_material, "sha256")


def expand(key, info, length):
    output, block, count = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(key, block + info + bytes([count]), "sha256")
        output, count = output + block, count + 1
    return output[:length]


def passphrase_bytes(passphrase):
    if passphrase == "":
        raise Refused("passphrase_empty")
    if len(passphrase.encode("utf-16-le", "surrogatepass")) // 2 > 4_096:
        raise Refused("passphrase_long")
    try:
        data = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("passphrase_malformed") from None
    if len(data) > 1_024:
        raise Refused("passphrase_long")
    return data


class Keys:
    """What a token (32 bytes) and a passphrase (or None) give."""

    def __init__(self, token, passphrase=None):
        if len(token) != 32:
            raise Refused("argument")
        prk = extract(b"mayfly/v1/link", token)
        self.link_proof = expand(prk, b"mayfly/v1/link-proof", 32)
        self.passphrase_salt = expand(prk, b"mayfly/v1/pass-salt", 32)
        self.password_key = None
        if passphrase is not None:
            self.password_key = hashlib.scrypt(
                passphrase_bytes(passphrase),
                salt=self.passphrase_salt, n=2**17, r=8, p=1, dklen=32, maxmem=2**28,
            )
        self.root = extract(self.password_key or bytes(32), expand(prk, b"mayfly/v1/seed", 32))
        self.passphrase_proof = expand(self.root, b"mayfly/v1/pass-proof", 32) if self.password_key else None

    def payload(self, header):
        """The chunk key and the commitment for a header."""
        both = expand(self.root, b"mayfly/v1/payload" + hashlib.sha256(header).digest(), 64)
        return both[:32], both[32:]


def manage_token(seed):
    """What a manage link's seed (32 bytes) gives for the service to see."""
    return expand(extract_manage(seed), b"mayfly/v1/manage-token", 32)


def extract_manage(seed):
    if len(seed) != 32:
        raise Refused("argument")
    return extract(b"mayfly/v1/manage-seed", seed)


# -- link code ---------------------------------------------------------------------------------------------------------


def check_of(flags, identifier, secret):
    key = extract_manage(secret) if flags & 2 else extract(b"mayfly/v1/link", secret)
    return expand(key, b"mayfly/v1/check" + bytes([flags]) + identifier, 5)


def encode_code(kind, has_passphrase, identifier, secret):
    if len(identifier) != 16 or len(secret) != 32:
        raise Refused("argument")
    flags = 0x10 | (2 if kind == "manage" else 0) | (1 if has_passphrase else 0)
    return encode_base64url(bytes([flags]) + identifier + secret + check_of(flags, identifier, secret))


def decode_code(text):
    """(kind, has_passphrase, id, secret)"""
    if len(text) < 72:
        raise Refused("link_incomplete")
    try:
        data = decode_base64url(text[:72])
    except Refused:
        raise Refused("link_damaged") from None
    flags, identifier, secret, check = data[0], data[1:17], data[17:49], data[49:]
    if flags >> 4 != 1:
        raise Refused("link_version")
    if len(text) != 72 or not hmac.compare_digest(check, check_of(flags, identifier, secret)):
        raise Refused("link_damaged")
    if flags & 0x0C:
        raise Refused("link_flags")
    return ("manage" if flags & 2 else "link"), bool(flags & 1), identifier, secret


BLANKS = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]+")
MARK = re.compile("#|%(?:25)*23", re.IGNORECASE)
RUN = re.compile("%(?:25)*[0-9a-fA-F]{2}|([A-Za-z0-9_-]+)")


def read_link(pasted):
    """(code as 72 characters, repaired, saw_server)"""

    def runs_in(word):
        return [(found[1], word[: found.start()]) for found in RUN.finditer(word) if found[1]]

    def likeliest(candidates):
        longest = sorted(candidates, key=lambda run: -len(run[0]))
        marked = [text for text, before in longest if MARK.search(before)]
        return (marked + [text for text, _ in longest if len(text) >= 40] + [None])[0]

    words = BLANKS.split(pasted)
    runs = [run for word in words for run in runs_in(word)]
    joined = runs_in("".join(words))
    for text, before in runs + joined:
        try:
            decode_code(text[:72])
        except Refused:
            continue
        clean = pasted == before + text and len(text) == 72 and re.fullmatch("(?:[^<>]*#)?", before)
        saw_server = "#" not in before and re.search("[/?]|%(?:25)*23", before, re.IGNORECASE)
        return text[:72], not clean, bool(saw_server)
    meant = likeliest(runs) or likeliest(joined)
    if meant is None:
        raise Refused("link_missing")
    decode_code(meant)
    raise AssertionError("a good code was overlooked")


# -- lengths -----------------------------------------------------------------------------------------------------------


def padded_length(length):
    if length <= 256:
        return 256
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def sealed_length(padded):
    return PREFIX + padded + 16 * -(-padded // CHUNK)


def payload_length(envelope_length):
    sealed = envelope_length - PREFIX
    padded = sealed - 16 * -(-sealed // (CHUNK + 16))
    if padded < 256 or padded_length(padded) != padded or sealed_length(padded) != envelope_length:
        raise Refused("length")
    return padded


# -- meta --------------------------------------------------------------------------------------------------------------

NOT_IN_NAMES = re.compile("[\u0000-\u001f\u007f-\u009f/\\\\\u202a-\u202e\u2066-\u2069]")


def is_size(value):
    return type(value) is int and 0 <= value <= LARGEST_SIZE


def encode_meta(meta):
    """The one form of a meta; Refused("meta") or KeyError and TypeError for what has none."""
    kind = meta["kind"]
    if kind == "files":
        files = meta["files"]
        if not isinstance(files, list) or not files:
            raise Refused("meta")
        for file in files:
            name, media_type = file["name"], file["type"]
            plain = not NOT_IN_NAMES.search(name) and name not in ("", ".", "..")
            if not plain or len(name.encode("utf-8")) > 255 or not is_size(file["size"]):
                raise Refused("meta")
            if not re.fullmatch(r"[\x20-\x7e]{0,127}", media_type):
                raise Refused("meta")
        shape = {"kind": kind, "files": [{key: file[key] for key in ("name", "type", "size")} for file in files]}
    else:
        if kind not in ("text", "login", "contact") or "files" in meta:
            raise Refused("meta")
        shape = {"kind": kind}
    data = json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(data) > CHUNK - LENGTHS:
        raise Refused("meta")
    return data


def decode_meta(data, content_length):
    """The meta; of the kind "unknown" unless it is in the one form that encode_meta gives."""
    try:
        fields = json.loads(data.decode("utf-8"))
        meta = {key: fields[key] for key in ("kind", "files") if key in fields}
        if encode_meta(meta) == data and total_size(meta, content_length) == content_length:
            return meta
    except (ValueError, KeyError, TypeError, RecursionError, Refused):
        pass
    return {"kind": "unknown"}


def total_size(meta, content_length):
    return sum(file["size"] for file in meta["files"]) if "files" in meta else content_length


# -- envelope ----------------------------------------------------------------------------------------------------------


def seal_chunk(plain, index, final, key):
    nonce = bytes(19) + index.to_bytes(4, "big") + bytes([final])
    return bytes(SecretBox(key).encrypt(plain, nonce).ciphertext)


def open_chunk(box, index, final, key):
    nonce = bytes(19) + index.to_bytes(4, "big") + bytes([final])
    try:
        return SecretBox(key).decrypt(box, nonce)
    except (CryptoError, ValueError):
        raise Refused("chunk") from None


def seal(meta, content, keys, nonce=None):
    """The envelope; `nonce` (24 bytes) only for known answers."""
    encoded = encode_meta(meta)
    if total_size(meta, len(content)) != len(content):
        raise Refused("content_length")
    payload = len(encoded).to_bytes(4, "big") + len(content).to_bytes(8, "big") + encoded + content
    payload += bytes(padded_length(len(payload)) - len(payload))
    header = b"MFLY" + bytes([1, 1 if keys.passphrase_proof else 0]) + (nonce or os.urandom(24))
    key, commitment = keys.payload(header)
    chunks = [payload[at : at + CHUNK] for at in range(0, len(payload), CHUNK)]
    last = len(chunks) - 1
    return header + commitment + b"".join(seal_chunk(chunk, at, at == last, key) for at, chunk in enumerate(chunks))


def open_envelope(envelope, keys):
    """(meta, content), once all of it has verified"""
    padded = payload_length(len(envelope))
    header, commitment = envelope[:30], envelope[30:PREFIX]
    if header[:4] != b"MFLY":
        raise Refused("magic")
    if header[4] != 1:
        raise Refused("version")
    if header[5] > 1:
        raise Refused("flags")
    if bool(header[5]) != (keys.passphrase_proof is not None):
        raise Refused("passphrase_flag")
    key, right = keys.payload(header)
    if not hmac.compare_digest(commitment, right):
        raise Refused("commitment")
    boxes = [envelope[at : at + CHUNK + 16] for at in range(PREFIX, len(envelope), CHUNK + 16)]
    payload, meta, begin, end = b"", None, 0, 0
    for index, box in enumerate(boxes):
        plain = open_chunk(box, index, index == len(boxes) - 1, key)
        if index == 0:
            begin = LENGTHS + int.from_bytes(plain[:4], "big")
            content_length = int.from_bytes(plain[4:LENGTHS], "big")
            end = begin + content_length
            if begin > len(plain) or end > padded or padded_length(end) != padded:
                raise Refused("inner_length")
            meta = decode_meta(plain[LENGTHS:begin], content_length)
        if any(plain[max(end - len(payload), 0) :]):
            raise Refused("padding")
        payload += plain
    return meta, payload[begin:end]


# -- tool --------------------------------------------------------------------------------------------------------------


def verifier_of(proof):
    return encode_base64url(hashlib.sha256(proof).digest())


def shown_keys(keys):
    """Proofs, which a reader shows, and their verifiers, which a service keeps; without a passphrase only the link's."""
    proofs = {"link": keys.link_proof, "passphrase": keys.passphrase_proof}
    shown = {f"{name}Proof": encode_base64url(proof) for name, proof in proofs.items() if proof}
    return shown | {f"{name}Verifier": verifier_of(proof) for name, proof in proofs.items() if proof}


def shown_manage(seed):
    token = manage_token(seed)
    return {"manageToken": encode_base64url(token), "manageVerifier": verifier_of(token)}


def main(arguments):
    secret = os.environ
    passphrase = secret.get("PASSPHRASE")
    match arguments:
        case ["token"]:
            print(encode_base64url(os.urandom(32)))
        case ["keys"] if "LINK" in secret:
            kind, wants_passphrase, identifier, token = decode_code(read_link(secret["LINK"])[0])
            shown = {"id": encode_base64url(identifier)}
            if kind == "manage":
                shown |= shown_manage(token)
            else:
                shown |= shown_keys(Keys(token, passphrase if wants_passphrase else None))
            print(json.dumps(shown))
        case ["keys"]:
            print(json.dumps(shown_keys(Keys(decode_base64url(secret["TOKEN"]), passphrase))))
        case ["manage"]:
            print(json.dumps(shown_manage(decode_base64url(secret["SEED"]))))
        case ["field", name]:
            print(json.load(sys.stdin)[name])
        case ["seal", *kind] if len(kind) <= 1:
            content = sys.stdin.buffer.read()
            meta = {"kind": (kind or ["text"])[0]}
            if meta["kind"] not in ("text", "login", "contact"):
                meta = {"kind": "files", "files": [{"name": meta["kind"], "type": "", "size": len(content)}]}
            sys.stdout.buffer.write(seal(meta, content, Keys(decode_base64url(secret["TOKEN"]), passphrase)))
        case ["code", ("link" | "manage") as kind]:
            identifier = decode_base64url(secret["ID"])
            own = decode_base64url(secret["SEED" if kind == "manage" else "TOKEN"])
            print(encode_code(kind, passphrase is not None, identifier, own))
        case ["open"]:
            kind, wants_passphrase, _, token = decode_code(read_link(secret["LINK"])[0])
            if kind == "manage":
                raise SystemExit("this is the sender's manage link, not the recipient's")
            keys = Keys(token, passphrase if wants_passphrase else None)
            meta, content = open_envelope(sys.stdin.buffer.read(), keys)
            print(json.dumps(meta), file=sys.stderr)
            sys.stdout.buffer.write(content)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refused:
        sys.exit(f"refused: {refused.reason}")
    except KeyError as missing:
        print(f"{missing} is not in the environment", file=sys.stderr)
        sys.exit(2)
