"""A mail server (RFC 5321) that does as it is told: answers, refuses, stalls."""

import asyncio
import threading


class MailServer:
    """Listens on a free port of the loopback interface; `answers` maps a command to its reply.

    A reply of None is silence: the connection stays open and nothing comes.
    """

    def __init__(self, *, context=None, starttls=False):
        """`context` encrypts: from the first byte, or with `starttls` when the client asks for it."""
        self.answers = {}
        self.mails = []
        self.commands = []
        self.drip_seconds = 0
        self.credentials = []
        self._context = context
        self._starttls = starttls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_error):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _listen(self):
        at_once = None if self._starttls else self._context
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=at_once)

    async def _end(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader, writer):
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        await self._say(writer, "greeting", "220 ready")
        mail = {"to": []}
        while line := (await reader.readline()).decode("ascii", "replace").strip():
            self.commands.append(line)
            command = line.split(":")[0].split(" ")[0].upper()
            if command == "RCPT":
                mail["to"].append(line.partition("<")[2].partition(">")[0])
            elif command == "MAIL":
                mail["from"] = line.partition("<")[2].partition(">")[0]
            elif command == "AUTH":
                self.credentials.append(line.rpartition(" ")[2])
            usual = {
                "EHLO": "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"
                if self._context
                else "250 8BITMIME",
                "STARTTLS": "220 go on",
                "AUTH": "235 welcome",
                "DATA": "354 go on",
                "QUIT": "221 bye",
            }
            told = await self._say(writer, command, usual.get(command, "250 ok"))
            if command == "DATA" and told.startswith("354"):
                mail["content"] = await reader.readuntil(b"\r\n.\r\n")
                if (await self._say(writer, "content", "250 taken")).startswith("250"):
                    self.mails.append(mail)
                mail = {"to": []}
            if command == "STARTTLS":
                await writer.start_tls(self._context)
            if command == "QUIT":
                return

    async def _say(self, writer, step, usual):
        answer = self.answers.get(step, usual)
        if answer is None:
            await asyncio.sleep(3600)
        for byte in f"{answer}\r\n".encode():
            writer.write(bytes([byte]))
            if self.drip_seconds:
                await asyncio.sleep(self.drip_seconds)
        await writer.drain()
        return answer
