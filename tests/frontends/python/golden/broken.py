def good(x):
    return execute("select " + x)


def bad(:
    y = = 1

class Half(
    def still(self):
        return self.x
