SELECT DISTINCT ON (name) name, setting FROM pg_file_settings WHERE name = ANY ($1) ORDER BY name, seqno DESC
