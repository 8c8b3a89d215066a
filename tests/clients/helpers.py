"""What the Python drivers share."""

import re
import socket
import time
import urllib.error
import urllib.request

PATIENCE = 60

_resolve = socket.getaddrinfo


def _resolve_test_names(host, *args, **kwargs):
    """Names of the test's tenants and nodes, which no resolver knows."""
    ours = isinstance(host, str) and host.endswith((".b3lb.test", ".localhost"))
    return _resolve("127.0.0.1" if ours else host, *args, **kwargs)


socket.getaddrinfo = _resolve_test_names


class _Stay(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects."""

    def redirect_request(self, *args):
        return None


def visit(url):
    """Status and `Location` of a URL."""
    try:
        return urllib.request.build_opener(_Stay).open(url).status, None
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Location"]


def enter(url):
    """Follows a join to the node and into its client."""
    status, node = visit(url)
    assert status == 302 and re.match(r"http://n\d+\.localhost:\d+/bigbluebutton/api/join\?", node), (status, node)
    status, client = visit(node)
    assert status == 302 and "html5client" in client, (status, client)
    print("join: through the redirect into the meeting")


def eventually(what, look):
    """Looks again and again until it is true."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.05)
