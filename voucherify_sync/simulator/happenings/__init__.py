"""What can happen in a world. Each happening changes it and says what Voucherify would tell.

A happening is a function of the world. It returns False where the world does not allow it just now
(nothing to roll back yet, say); then nothing has changed and nothing was told.
"""
