#include "net/mime_message.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

#include "base/crypto.h"
#include "base/errno_error.h"

namespace venturi::net {
namespace {

// RFC 5322: "Wed, 25 Nov 2026 02:45:00 +0000", in any locale.
std::string date_text(Time t) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[parts.tm_wday], parts.tm_mday,
                months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

std::string joined(const std::vector<MailAddress>& addresses) {
  std::string text;
  for (const MailAddress& address : addresses) text += (text.empty() ? "" : ", ") + format_mail_address(address);
  return text;
}

// RFC 5322, field-name.
bool is_field_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

// 7bit where the lines are short ASCII, quoted-printable where most of it is, base64 otherwise.
std::string text_part(std::string_view subtype, std::string_view text, const std::string& charset) {
  std::size_t escapes = 0, line = 0, longest = 0;
  bool zero = false;
  for (const char c : text) {
    escapes += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
    zero = zero || c == '\0';
    line = c == '\n' ? 0 : line + 1;
    longest = std::max(longest, line);
  }
  std::string part = "Content-Type: text/" + std::string(subtype) + "; charset=\"" + charset + "\"\r\n";
  if (zero || escapes * 6 > text.size()) {
    return part + "Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(text);
  }
  // Quoted-printable for long lines only would do, but a line of a lone "." or "From " arrives more surely so, too.
  const bool plain = escapes == 0 && longest <= 76 && text.find('\r') == std::string_view::npos;
  if (!plain) {
    part += "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(text);
  } else {
    part += "Content-Transfer-Encoding: 7bit\r\n\r\n";
    for (const char c : text) {
      if (c == '\n') part += '\r';
      part += c;
    }
  }
  if (!part.ends_with("\r\n")) part += "\r\n";
  return part;
}

// Parts of a message cannot hold it: nobody knows it before the message is made.
std::string boundary(std::string_view message_id, int number) {
  return "=_" + sha256_hex(std::string(message_id) + "/" + std::to_string(number)).substr(0, 32);
}

std::string multipart_head(std::string_view subtype, const std::string& mark) {
  return "Content-Type: multipart/" + std::string(subtype) + ";\r\n boundary=\"" + mark + "\"\r\n\r\n";
}

// What mail programs show within a text has to say that it is an image.
std::string_view media_type_of(std::string_view name) {
  struct Row {
    std::string_view ending, type;
  };
  static constexpr Row images[] = {{".png", "image/png"}, {".jpg", "image/jpeg"},    {".jpeg", "image/jpeg"},
                                   {".gif", "image/gif"}, {".svg", "image/svg+xml"}, {".webp", "image/webp"}};
  for (const Row& row : images) {
    if (name.ends_with(row.ending)) return row.type;
  }
  return "application/octet-stream";
}

// Airflow's: the name in angle brackets. Nothing for a name that cannot stand there (RFC 2392).
std::string content_id(std::string_view name) {
  const bool good = std::ranges::all_of(
      name, [](char c) { return c > ' ' && c < 0x7f && std::string_view("<>\"()[]\\,;:").find(c) == std::string_view::npos; });
  return good && !name.empty() ? "\r\nContent-ID: <" + std::string(name) + ">" : "";
}

// RFC 2045, token.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+' ||
           c == '_';
  });
}

std::string text_parts(const Mail& mail) {
  if (mail.html.empty()) return text_part("plain", mail.text, mail.charset);
  if (mail.text.empty()) return text_part("html", mail.html, mail.charset);
  const std::string mark = boundary(mail.message_id, 1);
  return multipart_head("alternative", mark) + "--" + mark + "\r\n" + text_part("plain", mail.text, mail.charset) + "\r\n--" +
         mark + "\r\n" + text_part("html", mail.html, mail.charset) + "\r\n--" + mark + "--\r\n";
}

}  // namespace

std::string message_id_for(std::string_view key, const MailAddress& from) {
  return sha256_hex(key).substr(0, 40) + "@venturi." + from.mailbox.substr(from.mailbox.rfind('@') + 1);
}

Result<MimeMessage> MimeMessage::make(const Mail& mail) {
  MimeMessage message;
  message.sender_ = mail.from.mailbox;
  for (const auto* list : {&mail.to, &mail.cc, &mail.bcc}) {
    for (const MailAddress& address : *list) {
      if (std::ranges::find(message.receivers_, address.mailbox) == message.receivers_.end()) {
        message.receivers_.push_back(address.mailbox);
      }
    }
  }
  if (message.receivers_.empty())
    return fail(ErrorKind::invalid, "the mail has no receiver", {}, "give an address in to, cc or bcc");
  if (mail.text.empty() && mail.html.empty()) return fail(ErrorKind::invalid, "the mail has no content");

  std::string head = text_field("Date", date_text(mail.date)) + list_field("From", format_mail_address(mail.from));
  if (!mail.to.empty()) head += list_field("To", joined(mail.to));
  if (!mail.cc.empty()) head += list_field("Cc", joined(mail.cc));
  head += text_field("Subject", mail.subject);
  head += "Message-ID: <" + mail.message_id + ">\r\n";
  for (const auto& [name, value] : mail.headers) {
    if (!is_field_name(name)) return fail(ErrorKind::invalid, "'" + valid_utf8(name) + "' is no name of a mail header");
    head += text_field(name, value);
  }
  head += "MIME-Version: 1.0\r\n";
  if (mail.attachments.empty()) {
    message.pieces_.emplace_back(head + text_parts(mail));
    return message;
  }

  const std::string mark = boundary(mail.message_id, 0);
  if (!is_token(mail.subtype))
    return fail(ErrorKind::invalid, "'" + valid_utf8(mail.subtype) + "' is no MIME subtype", {},
                "mixed, or related for images in the text");
  std::string text = head + multipart_head(mail.subtype, mark) + "--" + mark + "\r\n" + text_parts(mail);
  for (const MailAttachment& attachment : mail.attachments) {
    File file{attachment.path, Fd(::open(attachment.path.c_str(), O_RDONLY | O_CLOEXEC)), 0};
    struct stat info{};
    if (!file.fd || ::fstat(file.fd.get(), &info) != 0) {
      return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::unavailable,
                  "the attachment " + attachment.path + " cannot be read: " + std::strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) return fail(ErrorKind::invalid, "the attachment " + attachment.path + " is no file");
    file.size = static_cast<std::uint64_t>(info.st_size);
    text += "\r\n--" + mark + "\r\nContent-Type: " + std::string(media_type_of(attachment.name)) +
            parameter("name", attachment.name) + "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment" +
            parameter("filename", attachment.name) + content_id(attachment.name) + "\r\n\r\n";
    message.pieces_.emplace_back(std::move(text));
    message.pieces_.emplace_back(std::move(file));
    text.clear();
  }
  message.pieces_.emplace_back("\r\n--" + mark + "--\r\n");
  return message;
}

std::uint64_t MimeMessage::size_estimate() const {
  std::uint64_t size = 0;
  for (const auto& piece : pieces_) {
    const auto* text = std::get_if<std::string>(&piece);
    size += text != nullptr ? text->size() : std::get<File>(piece).size / base64_line_bytes * 78 + 80;
  }
  return size;
}

void MimeMessage::rewind() {
  piece_ = 0;
  position_ = 0;
}

bool MimeMessage::has_attachments() const {
  return std::ranges::any_of(pieces_, [](const auto& piece) { return std::holds_alternative<File>(piece); });
}

std::size_t MimeMessage::read(char* to, std::size_t capacity) {
  while (piece_ < pieces_.size()) {
    if (const auto* text = std::get_if<std::string>(&pieces_[piece_])) {
      const std::string_view rest = std::string_view(*text).substr(position_);
      const std::size_t n = std::min(rest.size(), capacity);
      if (n > 0) {
        std::memcpy(to, rest.data(), n);
        position_ += n;
        return n;
      }
    } else {
      const File& file = std::get<File>(pieces_[piece_]);
      // Whole lines, but at the end; nothing of what is appended to the file meanwhile.
      std::string bytes(std::min<std::uint64_t>(capacity / 78 * base64_line_bytes, file.size - position_), '\0');
      std::size_t have = 0;
      while (have < bytes.size()) {
        const ssize_t n =
            ::pread(file.fd.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(position_ + have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw errno_error("the attachment " + file.path + " cannot be read");
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
      }
      if (have > 0) {
        position_ += have;
        const std::string lines = base64_lines(std::string_view(bytes).substr(0, have));
        lines.copy(to, lines.size());
        return lines.size();
      }
    }
    ++piece_;
    position_ = 0;
  }
  return 0;
}

}  // namespace venturi::net
