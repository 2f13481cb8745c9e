"""What the operating system provides: files, signals, memory, processes, threads and streams."""
