"""From symbolic facts to meaning: modules, receivers, calls, over the files of a whole project."""
