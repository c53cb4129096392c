"""A passkey in software: answers what a browser is asked, as a device would."""

import json
import secrets
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, ATTESTED = 0x01, 0x40


class Authenticator:
    """One key, bound to one host. It counts its uses, unless it is told not to."""

    def __init__(self, host="localhost", origin="http://localhost"):
        self.host, self.origin = host, origin
        self.identifier = secrets.token_bytes(32)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.uses = 0

    def make(self, options: dict) -> str:
        """The answer to the question for a new passkey."""
        public = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        length = len(self.identifier).to_bytes(2, "big")
        data = self._data(PRESENT | ATTESTED) + bytes(16) + length + self.identifier + public
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        told = self._told("webauthn.create", options)
        return self._answer(clientDataJSON=told, attestationObject=attestation)

    def use(self, options: dict) -> str:
        """The answer to the question for a passkey that is there."""
        self.uses += 1
        told, data = self._told("webauthn.get", options), self._data(PRESENT)
        signature = self.key.sign(data + sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=told, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        host = sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _told(self, kind: str, options: dict) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        identifier = websafe_encode(self.identifier)
        return json.dumps(
            {
                "id": identifier,
                "rawId": identifier,
                "type": "public-key",
                "response": {name: websafe_encode(value) for name, value in response.items()},
                "clientExtensionResults": {},
            }
        )
