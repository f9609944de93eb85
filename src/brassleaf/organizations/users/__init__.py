"""The users of an organization: invitations, roles, passwords, and the mails that go with them."""
