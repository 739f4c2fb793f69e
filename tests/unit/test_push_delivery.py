"""What goes to a push service: whereto, signed, encrypted."""

import ipaddress
import socket
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from push import targets
from push.delivery import Parcel, deliver, encrypt
from push.targets import ForbiddenTarget, is_public, resolve, target_of
from push.vapid import decode, public_key
from tests.push_service import Device, PushService, decrypt

FORBIDDEN = [
    "http://push.example.org/x", "ftp://push.example.org/x", "https://push.example.org:8443/x", "https://localhost/x",
    "https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::1]/x", "https://[::ffff:192.168.0.1]/x", "https://intranet/x",
    "https://user:secret@push.example.org/x", "https://push.example.org/a b", "https:///x", "", "https://[::1",
    "https://push.example.org/x\r\nHost: other", "https://push.example.org/é", "https://169.254.169.254/latest/meta-data",
    "https://push.example.org:99999/x",
]  # fmt: skip


@pytest.fixture
def service(settings: Settings) -> Iterator[PushService]:
    """A push service that settings allow."""
    service = PushService()
    settings.PUSH_ORIGINS = [service.origin]
    yield service
    service.stop()


def parcel_for(device: Device, content: bytes = b'{"title": "hello"}') -> Parcel:
    keys = device.subscription["keys"]
    endpoint = device.subscription["endpoint"]
    return Parcel(endpoint, keys["p256dh"], keys["auth"], content, "room-1", 60, "high")


@pytest.mark.parametrize("endpoint", FORBIDDEN)
def test_nobody_may_name_an_endpoint_that_is_no_public_https_address(endpoint: str) -> None:
    with pytest.raises(ForbiddenTarget):
        target_of(endpoint)


def test_an_endpoint_of_a_known_service_is_fine() -> None:
    target = target_of("https://fcm.googleapis.com/fcm/send/abc:def?x=1")
    assert (target.host, target.port, target.path) == ("fcm.googleapis.com", 443, "/fcm/send/abc:def?x=1")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:0a00:0001::1", "::", "ff02::1"],
)  # fmt: skip
def test_addresses_of_private_networks_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_arguments, **_options: found)


async def test_a_public_name_of_a_private_address_is_refused_when_it_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "93.184.216.34", "192.168.1.1")
    with pytest.raises(ForbiddenTarget):
        await resolve(target_of("https://rebound.example.org/x"))
    _names(monkeypatch, "93.184.216.34")
    assert await resolve(target_of("https://rebound.example.org/x")) == "93.184.216.34"


async def test_nothing_is_connected_to_for_a_private_address(
    monkeypatch: pytest.MonkeyPatch, service: PushService
) -> None:
    _names(monkeypatch, "127.0.0.1")
    parcel = replace(parcel_for(service.device()), endpoint="https://rebound.example.org/x")
    with pytest.raises(ForbiddenTarget):
        await deliver(parcel, ec.generate_private_key(ec.SECP256R1()))


async def test_what_is_delivered_is_signed_and_only_the_device_reads_it(service: PushService) -> None:
    device, other = service.device(), service.device()
    key = ec.generate_private_key(ec.SECP256R1())
    assert (await deliver(parcel_for(device), key)).status == 201
    letter = await device.letter()
    assert letter == {"title": "hello"}
    assert letter.headers["topic"] == "room-1"
    assert (letter.headers["ttl"], letter.headers["urgency"]) == ("60", "high")
    assert f"k={public_key(key)}" in letter.headers["authorization"]
    misled = replace(parcel_for(device), endpoint=other.subscription["endpoint"])
    assert (await deliver(misled, key)).status == 400
    assert other.faults


async def test_a_redirection_is_not_followed_and_patience_is_read(service: PushService) -> None:
    device, elsewhere = service.device(), service.device()
    key = ec.generate_private_key(ec.SECP256R1())
    device.answers = [
        (302, {"Location": elsewhere.subscription["endpoint"]}),
        (429, {"Retry-After": "7"}),
        (503, {"Retry-After": "Wed, 21 Oct 2065 07:28:00 GMT"}),
        (429, {"Retry-After": "soon"}),
    ]
    answers = [await deliver(parcel_for(device), key) for _time in range(4)]
    assert [answer.status for answer in answers] == [302, 429, 503, 429]
    assert (answers[1].retry_after, answers[3].retry_after) == (7.0, 0.0)
    assert answers[2].retry_after > 10**6
    assert elsewhere.asked == 0


async def test_a_service_that_says_no_http_or_nothing_is_no_answer(settings: Settings, service: PushService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings.PUSH_ORIGINS = [origin]
        parcel = replace(parcel_for(service.device()), endpoint=f"{origin}/x")

        def hang_up() -> None:
            peer, _address = listening.accept()
            peer.recv(65536)
            peer.sendall(b"\x00\x01 this is no HTTP\r\n\r\n")
            peer.close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(OSError):
            await deliver(parcel, ec.generate_private_key(ec.SECP256R1()))


def test_the_example_of_rfc_8291_is_read_as_it_says() -> None:
    # RFC 8291, 5: the receiver's keys, and the body that was sent.
    private = decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    secret = decode("BTBZMqHH6r4Tts7J_aSIgg")
    assert decrypt(urlsafe_b64decode(body + "=="), key, secret) == b"When I grow up, I want to be a watermelon"


@pytest.mark.parametrize("length", [1, 3000])
def test_what_is_encrypted_is_read_again(service: PushService, length: int) -> None:
    device = service.device()
    assert decrypt(encrypt(parcel_for(device, b"x" * length)), device.key, device.secret) == b"x" * length
