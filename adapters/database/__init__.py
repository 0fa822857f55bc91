"""What survives a restart: tables, migrations, encryption of words, the audit trail. The only users of sqlalchemy."""
