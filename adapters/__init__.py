"""Everything that touches the world: command line, web page, chat platforms, files, the sentence model."""
