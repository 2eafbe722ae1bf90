"""The server's pages, as a browser without script asks for them."""

import html.parser
import http.client
import re
import urllib.parse


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        self.location = headers.get("location")

    @property
    def form_token(self):
        return re.search(r'name="form_token" value="([^"]+)"', self.text)[1]


class Pages:
    def __init__(self, venturi):
        address = venturi.home / "run" / "api_url"
        venturi.wait_until(lambda: address.exists() and address.read_text().strip(), what="the server's address")
        self.address = urllib.parse.urlsplit(address.read_text().strip()).netloc
        self.password = (venturi.home / "admin_password").read_text().strip()
        self.cookies = {}

    def __call__(self, method, path, form=None):
        """The answer itself: redirects are not followed."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(form)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
        found.cookies = answer.headers.get_all("set-cookie") or []
        connection.close()
        return found

    def get(self, path):
        answer = self("GET", path)
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer

    def post(self, path, **form):
        """With the token of this session's forms."""
        return self("POST", path, {"form_token": self.get("/").form_token, **form})

    def log_in(self, password=None, next="/"):
        form = self("GET", "/login?next=" + urllib.parse.quote(next)).form_token
        return self("POST", "/login", {"form_token": form, "next": next, "username": "admin", "password": password or self.password})


class Check(html.parser.HTMLParser):
    """What is wrong with a page: script, addresses of others, fields without labels, cells without heads."""

    VOID = {"meta", "link", "input", "img", "br", "hr", "option"}

    def __init__(self, text):
        super().__init__()
        self.problems, self.ids, self.labels, self.fields, self.open = [], set(), set(), [], []
        self.headings = []
        self.feed(text)
        for field, names in self.fields:
            if not names & self.labels and "aria-labelledby" not in names and "in a label" not in names:
                self.problems.append(f"{field} has no label")
        if self.open:
            self.problems.append(f"not closed: {self.open}")
        if self.headings[:1] != ["h1"] or self.headings.count("h1") != 1:
            self.problems.append(f"headings: {self.headings}")

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "script" or "style" in given or any(name.startswith("on") for name in given):
            self.problems.append(f"script or style in <{tag} {attributes}>")
        for name in ("src", "action", "data"):
            if re.match(r"(?i)\s*([a-z]+:|//)", given.get(name) or ""):
                self.problems.append(f"{name} of elsewhere: {given[name]}")
        if re.match(r"(?i)\s*(javascript|data|vbscript):", given.get("href") or ""):
            self.problems.append(f"address {given['href']}")
        if given.get("id"):
            if given["id"] in self.ids:
                self.problems.append(f"the id {given['id']} twice")
            self.ids.add(given["id"])
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            names = {given.get("id")} | ({"aria-labelledby"} if "aria-labelledby" in given else set()) | ({"in a label"} if "label" in self.open else set())
            self.fields.append((f"<{tag} name={given.get('name')}>", names))
        if tag == "th" and "scope" not in given and "svg" not in self.open and "sim" not in str(self.open):
            self.problems.append("a <th> without scope")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        elif self.open:
            self.open.pop()
