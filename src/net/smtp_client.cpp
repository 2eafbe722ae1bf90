#include "net/smtp_client.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/crypto.h"
#include "base/masking.h"
#include "net/background.h"
#include "net/smtp_stream.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using Security = SmtpServer::Security;

constexpr const char* needs_tls = "it may want TLS first: leave disable_tls out of the connection's extra";

// Ends the dialogue; caught in send_mail().
struct Trouble : std::exception {
  explicit Trouble(SmtpFailure f) : failure(std::move(f)) {}
  [[nodiscard]] const char* what() const noexcept override { return failure.error.what.c_str(); }
  SmtpFailure failure;
};

struct Reply {
  int code = 0;
  std::vector<std::string> lines;  // without the code
  [[nodiscard]] bool ok() const { return code >= 200 && code < 400; }
  [[nodiscard]] bool passing() const { return code >= 400 && code < 500; }
  // "550 5.1.1 no such user"
  [[nodiscard]] std::string text() const {
    std::string text = std::to_string(code);
    for (const std::string& line : lines) text += " " + line;
    return valid_utf8(text);
  }
};

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

// " ({"status":"401",...})": a challenge in base64, where it is text.
std::string plain_text(const Reply& challenge) {
  std::string text = challenge.lines.empty() ? std::string() : challenge.lines.front();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  const auto plain = base64url_decode(text);
  if (!plain || plain->empty()) return {};
  return " (" + valid_utf8(plain->substr(0, 300)) + ")";
}

std::string name_of_this_host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  const std::string_view text(name);
  const bool plain = std::ranges::all_of(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-'; });
  return text.empty() || !plain ? "localhost" : name;
}

class Dialogue {
 public:
  Dialogue(const asio::any_io_executor& executor, const SmtpServer& server)
      : server_(server), stream_(executor, server.patience), masker_(std::vector{server.password, server.oauth_token}) {}

  asio::awaitable<SmtpReport> run(std::shared_ptr<MimeMessage> message) {
    co_await begin();
    SmtpReport report = co_await send_envelope(*message);
    co_await send_content(message);
    const Reply reply = co_await read_reply();
    expect(reply, "refused the mail");
    report.reply = reply.text();
    // The mail is the server's now; nobody waits for its good-bye.
    (void)co_await stream_.write("QUIT\r\n");
    co_return report;
  }

  // All that comes before a mail, and none.
  asio::awaitable<std::string> try_out() {
    co_await begin();
    const Reply reply = co_await command("NOOP");
    expect(reply, "does nothing for us");
    (void)co_await stream_.write("QUIT\r\n");
    co_return reply.text();
  }

 private:
  asio::awaitable<void> begin() {
    check(co_await stream_.connect(server_.host, server_.port));
    if (server_.security == Security::tls) co_await start_tls();
    expect(co_await read_reply(), "does not talk to us");
    co_await say_hello();
    if (server_.security == Security::starttls) {
      if (!offers("STARTTLS")) {
        refuse(
            ErrorKind::invalid, "does not offer STARTTLS, so nothing was sent to it",
            "if plain text will do on this way, set disable_tls in the connection's extra; a server that speaks TLS from the "
            "first byte (port 465) needs disable_ssl to be absent");
      }
      expect(co_await command("STARTTLS"), "refused STARTTLS");
      co_await start_tls();
      co_await say_hello();
    }
    if (!server_.oauth_token.empty() || (!server_.login.empty() && !server_.password.empty())) co_await log_in();
  }

  [[nodiscard]] std::string where() const { return "mail server " + server_.host + ":" + std::to_string(server_.port); }

  template <class T>
  T check(Result<T> result) const {
    if (result) return *std::move(result);
    raise(std::move(result.error()));
  }
  void check(const Result<void>& result) const {
    if (!result) raise(result.error());
  }
  // The end of the connection may be a passing trouble; silence is none that another attempt would help.
  [[noreturn]] void raise(Error error) const {
    error.where = where();
    const bool passing = in_reply_ && error.kind == ErrorKind::unavailable;
    throw Trouble({std::move(error), passing});
  }
  [[noreturn]] void refuse(ErrorKind kind, const std::string& what, std::string hint = {}, bool passing = false) const {
    throw Trouble({{kind, "it " + masker_.mask(what), where(), std::move(hint)}, passing});
  }
  void expect(const Reply& reply, const std::string& otherwise) const {
    if (reply.ok()) return;
    refuse(reply.passing() ? ErrorKind::unavailable : ErrorKind::invalid, otherwise + ": " + reply.text(), {}, reply.passing());
  }
  [[nodiscard]] bool offers(std::string_view word) const {
    return std::ranges::any_of(extensions_,
                               [&](const std::string& e) { return e == word || e.starts_with(std::string(word) + " "); });
  }

  asio::awaitable<Reply> read_reply() {
    Reply reply;
    in_reply_ = true;
    for (;;) {
      const std::string line = check(co_await stream_.read_line());
      const auto digit = [&](std::size_t i) { return line.size() > i && line[i] >= '0' && line[i] <= '9'; };
      const bool valid = digit(0) && digit(1) && digit(2) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
      if (!valid || reply.lines.size() > 200) {
        std::string hint = "is this the port of a mail server?";
        if (server_.security == Security::none)
          hint += " A server that speaks TLS from the first byte needs disable_ssl to be absent";
        in_reply_ = false;
        refuse(ErrorKind::invalid, "answers what is no SMTP", hint);
      }
      reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
      reply.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
      if (line.size() == 3 || line[3] == ' ') break;
    }
    in_reply_ = false;
    co_return reply;
  }
  asio::awaitable<Reply> command(std::string line) {
    line += "\r\n";
    check(co_await stream_.write(std::move(line)));
    co_return co_await read_reply();
  }

  asio::awaitable<void> start_tls() {
    auto result = co_await stream_.start_tls({server_.host, server_.verify, server_.ca_file});
    if (!result && result.error().what.starts_with("the TLS handshake failed") && server_.security == Security::tls) {
      result.error().hint = "a server that begins in plain text (ports 25 and 587) needs disable_ssl in the connection's extra";
    }
    if (!result && result.error().kind == ErrorKind::denied) {
      result.error().hint += "; or, where everybody on the way is trusted, set ssl_context to none in the connection's extra";
    }
    check(result);
  }

  asio::awaitable<void> say_hello() {
    const std::string name = name_of_this_host();
    const Reply reply = co_await command("EHLO " + name);
    extensions_.clear();
    if (reply.ok()) {
      for (std::size_t i = 1; i < reply.lines.size(); ++i) extensions_.push_back(upper(reply.lines[i]));
      co_return;
    }
    expect(co_await command("HELO " + name), "does not greet us");
  }

  asio::awaitable<void> log_in() {
    std::string offered;
    for (const std::string& e : extensions_) {
      if (e.starts_with("AUTH ") || e.starts_with("AUTH=")) offered = " " + e.substr(5) + " ";
    }
    if (offered.empty()) {
      refuse(ErrorKind::invalid, "takes no login here",
             server_.security == Security::none ? needs_tls : "leave login and password out of the connection");
    }
    const auto has = [&](const char* mechanism) {
      return offered.find(std::string(" ") + mechanism + " ") != std::string::npos;
    };
    Reply reply;
    std::string details;
    if (!server_.oauth_token.empty()) {
      // developers.google.com/gmail/imap/xoauth2-protocol
      if (!has("XOAUTH2")) refuse(ErrorKind::invalid, "takes no login by XOAUTH2: it offers" + offered);
      reply = co_await command("AUTH XOAUTH2 " + base64("user=" + server_.login +
                                                        "\x01"
                                                        "auth=Bearer " +
                                                        server_.oauth_token + "\x01\x01"));
      if (reply.code == 334) {  // what is wrong, as JSON; the refusal comes after an empty answer
        details = plain_text(reply);
        reply = co_await command("");
      }
    } else if (has("PLAIN")) {
      reply = co_await command("AUTH PLAIN " +
                               base64(std::string(1, '\0') + server_.login + std::string(1, '\0') + server_.password));
    } else if (has("LOGIN")) {
      reply = co_await command("AUTH LOGIN");
      if (reply.code == 334) reply = co_await command(base64(server_.login));
      if (reply.code == 334) reply = co_await command(base64(server_.password));
    } else {
      refuse(ErrorKind::invalid, "knows no way to log in that we know: it offers" + offered + "and we know PLAIN and LOGIN");
    }
    if (reply.code == 235) co_return;
    std::string hint = "check login and password of the connection";
    if (!server_.oauth_token.empty())
      hint = "is the access token of this mailbox, not expired, and of a scope that may send mail?";
    if (reply.passing()) hint.clear();
    if (reply.code == 530 && server_.security == Security::none) hint = needs_tls;
    refuse(reply.passing() ? ErrorKind::unavailable : ErrorKind::denied,
           "refused the login of " + server_.login + ": " + reply.text() + details, std::move(hint), reply.passing());
  }

  asio::awaitable<SmtpReport> send_envelope(const MimeMessage& message) {
    SmtpReport report;
    std::string mail = "MAIL FROM:<" + message.sender() + ">";
    if (offers("SIZE")) mail += " SIZE=" + std::to_string(message.size_estimate());
    expect(co_await command(std::move(mail)), "refused the sender " + message.sender());
    std::size_t taken = 0;
    bool passing = true;
    for (const std::string& receiver : message.receivers()) {
      const Reply reply = co_await command("RCPT TO:<" + receiver + ">");
      if (reply.ok())
        ++taken;
      else
        report.refused.push_back({receiver, masker_.mask(reply.text())});
      passing = passing && (reply.ok() || reply.passing());
    }
    if (taken > 0) co_return report;
    std::string what = "refused every receiver";
    for (const auto& refusal : report.refused) what += "; " + refusal.receiver + ": " + refusal.reply;
    if (report.refused.size() == 1)
      what = "refused the receiver " + report.refused[0].receiver + ": " + report.refused[0].reply;
    refuse(passing ? ErrorKind::unavailable : ErrorKind::invalid, what, {}, passing);
  }

  // Its next bytes. Attachments are read beside the loop: their disk may be slow, or dead.
  static asio::awaitable<std::string> next_block(std::shared_ptr<MimeMessage> message) {
    auto read = [message] {
      constexpr std::size_t most = 64UL << 10U;
      std::string block(most, '\0');
      block.resize(message->read(block.data(), most));
      return block;
    };
    if (!message->has_attachments()) co_return read();
    message.reset();  // the thread's now
    co_return co_await in_background(std::move(read));
  }

  asio::awaitable<void> send_content(std::shared_ptr<MimeMessage> message) {
    expect(co_await command("DATA"), "takes no mail");
    bool line_start = true;
    for (;;) {
      const std::string block = co_await next_block(message);
      if (block.empty()) break;
      std::string out;
      out.reserve(block.size() + 16);
      for (const char c : block) {
        if (line_start && c == '.') out += '.';  // RFC 5321, 4.5.2
        out += c;
        line_start = c == '\n';
      }
      check(co_await stream_.write(std::move(out)));
    }
    check(co_await stream_.write(line_start ? ".\r\n" : "\r\n.\r\n"));
  }

  const SmtpServer& server_;
  SmtpStream stream_;
  Masker masker_;
  std::vector<std::string> extensions_;  // upper case
  bool in_reply_ = false;
};

}  // namespace

asio::awaitable<SmtpOutcome> send_mail(SmtpServer server, std::shared_ptr<MimeMessage> message) {
  message->rewind();
  Dialogue dialogue(co_await asio::this_coro::executor, server);
  try {
    co_return co_await dialogue.run(message);
  } catch (Trouble& trouble) {
    co_return std::unexpected(std::move(trouble.failure));
  }
}

asio::awaitable<SmtpTrial> try_out(SmtpServer server) {
  Dialogue dialogue(co_await asio::this_coro::executor, server);
  try {
    co_return co_await dialogue.try_out();
  } catch (Trouble& trouble) {
    co_return std::unexpected(std::move(trouble.failure));
  }
}

}  // namespace venturi::net
