"""The texts of mails about accounts."""

from brassleaf.mail.mailer import Mail

_HOW = """{how}

The code works once, until {expires} (UTC)."""


def _how(link: str, token: str) -> str:
    if link:
        return f"To choose a password, open this page:\n\n{link.replace('{token}', token)}"
    return (
        f"To choose a password, give this code where you are asked for it:\n\n{token}\n\n"
        'A program sends it as {"token": "...", "password": "..."} to POST /security/v1/resetpassword.'
    )


def _when(expires: str) -> str:
    return expires[:16].replace("T", " ")


def reset(to: str, shop: str, token: str, expires: str, link: str) -> Mail:
    """For somebody who asked for another password."""
    text = (
        f"Somebody asked for a new password for your account {to} at {shop}.\n\n"
        f"{_HOW.format(how=_how(link, token), expires=_when(expires))}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n\n"
        f"{shop}\n"
    )
    return Mail(to, shop, f"{shop}: a new password", text)


def invitation(to: str, shop: str, by: str, token: str, expires: str, link: str) -> Mail:
    """For somebody who was invited, or reminded of it."""
    text = (
        f"{by} invites you to {shop}. Your account is {to}.\n\n"
        f"{_HOW.format(how=_how(link, token), expires=_when(expires))}\n"
        "If you were told a password already, you can sign in with that instead.\n\n"
        f"If you do not know {shop}, do nothing.\n\n"
        f"{shop}\n"
    )
    return Mail(to, shop, f"Your account at {shop}", text)
