"""An SFTP server on AsyncSSH, another one than OpenSSH: a password, or answers to questions alone, and no renaming over files.

asyncssh_server.py FOLDER [--questions]   prints its port and its public key. The password is that of SFTP_SERVER_PASSWORD."""

import asyncio
import os
import sys

import asyncssh


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return "--questions" not in sys.argv

    def validate_password(self, username, password):
        return username == "etl" and password == os.environ["SFTP_SERVER_PASSWORD"]

    def kbdint_auth_supported(self):
        return "--questions" in sys.argv

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "en", [("What is it?", False)]

    def validate_kbdint_response(self, username, responses):
        return username == "etl" and responses == [os.environ["SFTP_SERVER_PASSWORD"]]


class Files(asyncssh.SFTPServer):
    def __init__(self, channel):
        super().__init__(channel, chroot=sys.argv[1])

#Answers of pieces that are shorter than what was asked for.
    def read(self, file_obj, offset, size):
        return super().read(file_obj, offset, min(size, 10000))

#As the protocol has it : not over a file that is there.
    def rename(self, oldpath, newpath):
        if os.path.exists(self.map_path(newpath)):
            raise asyncssh.SFTPFailure("it is there already")
        return super().rename(oldpath, newpath)


async def main():
#What it offers beyond version 3 is taken away.
    asyncssh.sftp.SFTPServerHandler._extensions = []
    key = asyncssh.generate_private_key("ssh-rsa")
    server = await asyncssh.create_server(Server, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=Files)
    print(server.sockets[0].getsockname()[1], flush=True)
    print(" ".join(key.export_public_key().decode().split()[:2]), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
