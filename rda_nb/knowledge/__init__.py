"""What is known of libraries, ClickHouse and deployment files, as YAML; no Python."""
