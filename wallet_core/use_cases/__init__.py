"""What people, admins and operators can do: one verb, one file, one public function."""
