"""Send one mail over SMTP, and say truly what became of it."""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Awaitable, Mapping
from typing import TypeVar

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from hub.sdk.channel import Message, Receipt
from hub.sdk.errors import HubError, NeedsAttention, Refused, Retryable
from hub.sdk.secret import SecretText, scrub
from hub_email.account import Account, one_line, read_account
from hub_email.letter import Letter, write_letter

T = TypeVar("T")
# Per answer of the server. The mail itself may take a spam filter's time.
ANSWER_SECONDS = 20.0
DATA_SECONDS = 60.0
GOODBYE_SECONDS = 2.0
# Answers to RCPT that speak of us and not of the recipient: log in first, may not relay.
_OUR_FAULT = {530, 535, 538}


class EmailChannel:
    """The channel `email`. One connection per mail: nothing is shared between messages."""

    name = "email"

    def __init__(
        self,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        data_seconds: float = DATA_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls` replaces the machine's own list of authorities, for a private one."""
        self._account: Account | None = None
        self._answer_seconds = answer_seconds
        self._data_seconds = data_seconds
        self._tls = tls

    def __repr__(self) -> str:
        account = self._account
        return f"EmailChannel({account.host}:{account.port})" if account else "EmailChannel()"

    def configure(self, settings: Mapping[str, object]) -> None:
        """Take over host, port, user, password, security and sender. Raises NeedsAttention."""
        self._account = None
        self._account = read_account(settings)

    async def send(self, message: Message) -> Receipt:
        """Hand over one mail; see hub.sdk.channel.Channel."""
        account = self._account
        if account is None:
            raise NeedsAttention("e-mail is not set up: fill in the [smtp] settings")
        letter = write_letter(message, account.sender)
        smtp = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            use_tls=account.security == "tls",
            start_tls=False,
            timeout=self._answer_seconds,
            local_hostname=account.sender.domain,
            tls_context=self._tls,
        )
        try:
            await _connect(smtp, account)
            await _announce(smtp, account, letter)
            return await self._hand_over(smtp, account, letter)
        finally:
            smtp.close()

    async def _hand_over(self, smtp: aiosmtplib.SMTP, account: Account, letter: Letter) -> Receipt:
        try:
            response = await smtp.data(letter.data, timeout=self._data_seconds)
        except SMTPResponseException as error:
            if 400 <= error.code < 600:
                raise _answered(error, account, "the mail") from None
            return Receipt("unknown", letter.message_id)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
            # It may have been taken just before the line broke: a second one could be a double.
            return Receipt("unknown", letter.message_id)
        with contextlib.suppress(SMTPException, OSError):
            await smtp.quit(timeout=GOODBYE_SECONDS)
        reference = _safe(response.message, account)
        return Receipt("done", f"{letter.message_id} {reference}".strip()[:400])


async def _connect(smtp: aiosmtplib.SMTP, account: Account) -> None:
    await _step(smtp.connect(), account, "the connection")
    if account.security == "starttls":
        if not await _offers(smtp, account, "starttls"):
            raise NeedsAttention(
                f"{account.host} offers no STARTTLS: set smtp.security to 'tls' and its port"
            )
        await _step(smtp.starttls(), account, "the encryption")
    if not account.user:
        return
    if not await _offers(smtp, account, "auth"):
        raise NeedsAttention(f"{account.host} takes no login here: check smtp.port and smtp.user")
    try:
        await _step(smtp.login(account.user, account.password.reveal()), account, "the login")
    except SMTPAuthenticationError as error:
        # The server's own words are left out: some repeat what they were sent.
        if 400 <= error.code < 500 or error.code == -1:
            raise Retryable(f"{account.host} could not check the login ({error.code})") from None
        raise NeedsAttention(
            f"{account.host} refused smtp.user and smtp.password ({error.code})"
        ) from None


async def _offers(smtp: aiosmtplib.SMTP, account: Account, extension: str) -> bool:
    if smtp.is_ehlo_or_helo_needed:
        await _step(smtp.ehlo(), account, "the greeting")
    return smtp.supports_extension(extension)


async def _announce(smtp: aiosmtplib.SMTP, account: Account, letter: Letter) -> None:
    options = []
    if letter.utf8:
        if not await _offers(smtp, account, "smtputf8"):
            raise Refused(f"to: {account.host} can not write to an address with such letters")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    encoding = "utf-8" if letter.utf8 else "ascii"
    mail = smtp.mail(letter.sender, options=options, encoding=encoding)
    await _step(mail, account, "the sender")
    rcpt = smtp.rcpt(letter.recipient, encoding=encoding)
    await _step(rcpt, account, "the recipient", ours=False)


async def _step(doing: Awaitable[T], account: Account, what: str, *, ours: bool = True) -> T:
    """One exchange before the mail itself: nothing has been sent yet, so a lost line is harmless.

    `ours`: a final refusal is about the settings, not about the recipient.
    """
    try:
        return await doing
    except SMTPAuthenticationError:
        raise
    except SMTPResponseException as error:
        raise _answered(error, account, what, ours=ours) from None
    except (SMTPConnectError, ssl.SSLError) as error:
        raise _unreachable(error, account) from None
    except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
        raise Retryable(f"{account.host}: lost at {what} ({type(error).__name__})") from None
    except (SMTPException, ValueError) as error:
        raise NeedsAttention(f"{account.host}: {what}: {_safe(str(error), account)}") from None


def _unreachable(error: Exception, account: Account) -> HubError:
    fault = error if isinstance(error, ssl.SSLError) else error.__cause__
    place = f"{account.host}:{account.port}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return NeedsAttention(f"{place}: its certificate is not valid: {fault.verify_message}")
    if isinstance(fault, ssl.SSLError):
        return NeedsAttention(f"{place} does not speak TLS this way: check smtp.security")
    return Retryable(f"{place} can not be reached ({type(fault or error).__name__})")


def _answered(
    error: SMTPResponseException, account: Account, what: str, *, ours: bool = False
) -> HubError:
    said = f"{account.host} on {what}: {error.code} {_safe(error.message, account)}"[:400]
    if not 500 <= error.code < 600:
        return Retryable(said)
    about_us = error.code in _OUR_FAULT or "relay" in error.message.lower()
    return NeedsAttention(said) if ours or about_us else Refused(said)


def _safe(text: str, account: Account) -> str:
    """The server's words on one line, without our secrets, however it wrote them."""
    password = account.password.reveal()
    shapes = [password, base64.b64encode(password.encode()).decode()]
    plain = f"\0{account.user}\0{password}".encode()
    shapes.append(base64.b64encode(plain).decode())
    secrets = tuple(SecretText(shape) for shape in shapes) if password else ()
    return scrub(one_line(text.encode("utf-8", "replace").decode()), secrets)
