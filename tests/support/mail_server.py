"""A mail server as a house has one: STARTTLS and a login before anything else.

mail_server.py PORT CERTIFICATE KEY FOLDER keeps what it takes in FOLDER (Maildir), and
writes who has logged in, over TLS or not, to FOLDER/logins.
"""

import pathlib
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

port, certificate, key, folder = sys.argv[1:5]
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)
mailbox = Mailbox(folder)
logins = pathlib.Path(folder) / "logins"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"svi", b"passe-partout")
    with logins.open("a") as file:
        file.write(f"{data.login.decode()} {'good' if good else 'bad'} tls={session.ssl is not None}\n")
    return AuthResult(success=good, handled=good)


Controller(
    mailbox,
    hostname="127.0.0.1",
    port=int(port),
    tls_context=tls,
    require_starttls=True,
    authenticator=authenticate,
    auth_required=True,
    auth_require_tls=True,
).start()
signal.pause()
