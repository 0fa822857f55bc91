"""What chat platforms share: whom they serve, what they keep before they say it, and how text is made fit for them."""
