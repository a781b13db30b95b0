"""Rolling updates of real processes behind a real proxy, timed as the manifests time them."""
