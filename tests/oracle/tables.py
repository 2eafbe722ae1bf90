def check(folder, only, tell):
    pass
