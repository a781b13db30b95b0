"""`python -m voucherify_sync` is `voucherify-sync`."""

from voucherify_sync.cli import main

if __name__ == "__main__":
    main()
