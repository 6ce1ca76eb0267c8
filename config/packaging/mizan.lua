-- The project that the services of this machine run: all pipelines below this folder.
return {
  -- SQLite on this machine, or "postgres://USER@HOST/NAME", which several machines may share.
  database = "sqlite:/var/lib/mizan/mizan.db",

  -- Secrets are files of mode 0600 in /etc/mizan/secrets, owned by the user mizan, or
  -- LoadCredential= lines in a drop-in of the unit.

  -- Programs that pipelines may start (mizan.extract.exec):
  -- programs = { "pdftotext" },
}
