"""Reading files of past orders: columns, lines, values, whole orders. It writes to no hub."""
