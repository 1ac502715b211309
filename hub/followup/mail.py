"""Messages by mail: SMTP with TLS, one connection a message.

The ``Message-ID`` is made of the message's id, so that a letter handed over twice is one letter to the server and the
reader's mailbox. What the server says is kept as its code only: its words quote addresses.
"""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from uuid import UUID

from hub.followup.channels import PORTS, Mail, trusted
from hub.followup.outbox import Content, Handed


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Hands messages to the server that ``form`` names."""

    form: Mail

    @property
    def per_minute(self) -> int:
        return self.form.per_minute

    def hand_over(self, message_id: UUID, content: Content) -> Handed:
        """Blocks until the server has taken the message or will not."""
        try:
            letter = written(self.form, message_id, content)
        except ValueError:  # a line break in an address or a title
            return Handed("never", "MAIL_ADDRESS")
        try:
            self._hand_over(letter)
        except smtplib.SMTPRecipientsRefused as refused:
            code = max((code for code, _ in refused.recipients.values()), default=450)
            return _refused(code, "MAIL_RECIPIENT")
        except smtplib.SMTPAuthenticationError as refused:
            return Handed("later", f"MAIL_LOGIN_{refused.smtp_code}")
        except smtplib.SMTPResponseException as refused:
            return _refused(refused.smtp_code, "MAIL")
        except (smtplib.SMTPException, OSError) as error:
            return Handed("later", f"MAIL_{type(error).__name__}")
        return Handed("sent")

    def _hand_over(self, letter: EmailMessage) -> None:
        form = self.form
        where = (form.host, form.port or PORTS[form.security])
        client: smtplib.SMTP = (
            smtplib.SMTP_SSL(*where, timeout=form.seconds, context=trusted(form.ca))
            if form.security == "tls"
            else smtplib.SMTP(*where, timeout=form.seconds)
        )
        try:
            if form.security == "starttls":
                client.starttls(context=trusted(form.ca))
            if form.user is not None and form.password is not None:
                client.login(form.user, form.password.get_secret_value())
            client.send_message(letter)
        except BaseException:
            client.close()
            raise
        with suppress(smtplib.SMTPException, OSError):  # it has the letter, however it says good-bye
            client.quit()


def written(form: Mail, message_id: UUID, content: Content) -> EmailMessage:
    """The mail: text, and the letter beside it where there is one. ValueError: an address that is none."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = form.sender, content.to, content.title
    letter["Message-ID"] = f"<{message_id}@{form.sender.partition('@')[2]}>"
    letter["Date"] = formatdate(localtime=False)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(content.text)
    if content.letter is not None:
        letter.add_alternative(content.letter, subtype="html")
    return letter


def _refused(code: int, what: str) -> Handed:
    """RFC 5321 §4.2.1: 5yz will not be taken however often it is tried, 4yz perhaps later."""
    return Handed("never" if 500 <= code < 600 else "later", f"{what}_{code}")
