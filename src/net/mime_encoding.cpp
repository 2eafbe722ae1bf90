#include "net/mime_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/text.h"

namespace venturi::net {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::size_t line_limit = 76;
constexpr char hex_digits[] = "0123456789ABCDEF";
constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_printable(char c) {
  return c > ' ' && c < 0x7f;
}
// RFC 5322 atext, and RFC 2047's characters of a "Q" word in a phrase.
bool is_atom(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}
bool is_q_safe(char c) {
  return is_alnum(c) || std::string_view("!*+-/").find(c) != std::string_view::npos;
}
// RFC 5987 attr-char: what needs no percent in an extended parameter.
bool is_attribute_char(char c) {
  return is_alnum(c) || std::string_view("!#$&+-.^_`{|}~").find(c) != std::string_view::npos;
}

void append_hex(std::string& out, char prefix, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += prefix;
  out += hex_digits[byte >> 4U];
  out += hex_digits[byte & 15U];
}

// The length of the UTF-8 sequence at the text's beginning (Unicode 15, table 3-7); 0 where there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80, high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

// Encoded words, none of which ends within a character; short enough (75 are allowed) to stand in a line with the field's name.
std::vector<std::string> encoded_words(std::string_view text) {
  constexpr std::size_t most = 64 - std::string_view("=?utf-8?Q?").size() - std::string_view("?=").size();
  std::size_t q_size = 0;
  for (const char c : text) q_size += is_q_safe(c) || c == ' ' ? 1 : 3;
  const bool as_q = q_size <= (text.size() + 2) / 3 * 4;
  std::vector<std::string> words;
  std::string word;
  std::string_view raw = text.substr(0, 0);
  const auto finish = [&] {
    if (!raw.empty()) words.push_back(as_q ? "=?utf-8?Q?" + word + "?=" : "=?utf-8?B?" + base64(raw) + "?=");
    word.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text.substr(i)));
    std::string encoded;
    for (const char c : text.substr(i, length)) {
      if (is_q_safe(c))
        encoded += c;
      else if (c == ' ')
        encoded += '_';
      else
        append_hex(encoded, '=', c);
    }
    const std::size_t size = as_q ? word.size() + encoded.size() : (raw.size() + length + 2) / 3 * 4;
    if (size > most) {
      finish();
      raw = text.substr(i, 0);
    }
    raw = std::string_view(raw.empty() ? text.data() + i : raw.data(), raw.size() + length);
    word += encoded;
    i += length;
  }
  finish();
  return words;
}

// Puts words into lines: a line break instead of the blank before a word that would not fit.
std::string folded(std::string line, const std::vector<std::string>& words) {
  std::string out;
  bool first = true;
  for (const std::string& word : words) {
    if (!first && line.size() + 1 + word.size() > line_limit) {
      out += line;
      out += crlf;
      line.clear();
    }
    line += ' ';
    line += word;
    first = false;
  }
  if (words.empty()) line += ' ';
  return out + line + std::string(crlf);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == '\r' || c == '\n' || c == '\t';
    if (blank && !line.empty() && line.back() == ' ') continue;
    if (blank)
      line += ' ';
    else if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f)
      line += c;
  }
  return line;
}

std::unexpected<Error> no_address(std::string_view text, std::string why) {
  return fail(ErrorKind::invalid, "'" + one_line(valid_utf8(text)) + "' is no mail address: " + std::move(why), {},
              "write user@host or Name <user@host>");
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

Result<MailAddress> parse_mail_address(std::string_view text) {
  const std::string_view whole = trim(text);
  if (whole.empty()) return no_address(text, "it is empty");
  for (const char c : whole) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
      return no_address(text, "it has a line break or another control character in it");
  }
  MailAddress address;
  std::string_view mailbox = whole;
  if (whole.back() == '>') {
    const std::size_t open = whole.rfind('<');
    if (open == std::string_view::npos) return no_address(text, "a '<' is missing");
    mailbox = trim(whole.substr(open + 1, whole.size() - open - 2));
    std::string_view name = trim(whole.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
      name = name.substr(1, name.size() - 2);
      for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\' && i + 1 < name.size()) ++i;
        address.name += name[i];
      }
    } else {
      address.name = name;
    }
    address.name = valid_utf8(address.name);
  }
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == mailbox.size()) return no_address(text, "it has no user@host");
  if (!is_ascii(mailbox)) return no_address(text, "user and host must be ASCII (a host of other letters has a form xn--...)");
  if (mailbox.find_first_of(" <>,;\"()[]\\") != std::string_view::npos || mailbox.find('@') != at) {
    return no_address(text, "user and host may not hold any of blank < > , ; : \" ( ) [ ] \\ or a second @");
  }
  address.mailbox = mailbox;
  return address;
}

std::string format_mail_address(const MailAddress& address) {
  if (address.name.empty()) return address.mailbox;
  std::string name;
  if (!is_ascii(address.name) || address.name.find("=?") != std::string::npos) {
    for (const std::string& word : encoded_words(address.name)) name += (name.empty() ? "" : " ") + word;
  } else if (std::ranges::all_of(address.name, [](char c) { return is_atom(c) || c == ' '; })) {
    name = address.name;
  } else {
    name = "\"";
    for (const char c : address.name) {
      if (c == '"' || c == '\\') name += '\\';
      name += c;
    }
    name += '"';
  }
  return name + " <" + address.mailbox + ">";
}

std::string text_field(std::string_view name, std::string_view text) {
  const std::string clean = one_line(valid_utf8(text));
  std::string start = std::string(name) + ":";
  std::vector<std::string> words;
  const bool plain = is_ascii(clean) && clean.find("=?") == std::string::npos;
  if (plain) words = split(clean, ' ');
  // A word that no line can hold (998 characters, RFC 5322) is encoded too.
  const bool too_long = std::ranges::any_of(words, [](const std::string& word) { return word.size() > 900; });
  if (!plain || too_long) words = encoded_words(clean);
  return folded(std::move(start), words);
}

std::string list_field(std::string_view name, const std::string& items_separated_by_comma_and_blank) {
  return folded(std::string(name) + ":", split(items_separated_by_comma_and_blank, ' '));
}

std::string parameter(std::string_view name, std::string_view value) {
  const std::string clean = one_line(valid_utf8(value));
  std::string out = ";\r\n ";
  const auto needs_no_escape = [](char c) { return (is_printable(c) && c != '"' && c != '\\') || c == ' '; };
  if (clean.size() + name.size() + 6 <= line_limit && std::ranges::all_of(clean, needs_no_escape)) {
    return out.append(name).append("=\"").append(clean).append("\"");
  }
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < clean.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(std::string_view(clean).substr(i)));
    std::string encoded;
    for (const char c : std::string_view(clean).substr(i, length)) {
      if (is_attribute_char(c))
        encoded += c;
      else
        append_hex(encoded, '%', c);
    }
    // Room for "name*12*=utf-8''" and the semicolon.
    if (parts.back().size() + encoded.size() + name.size() + 16 > line_limit) parts.emplace_back();
    parts.back() += encoded;
    i += length;
  }
  if (parts.size() == 1) return out.append(name).append("*=utf-8''").append(parts.front());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += ";\r\n ";
    out.append(name).append("*").append(std::to_string(i)).append(i == 0 ? "*=utf-8''" : "*=").append(parts[i]);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_break = c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    if (line_break) {
      if (c == '\r') ++i;
      out += crlf;
      line_start = out.size();
      continue;
    }
    const bool at_end = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool plain = (is_printable(c) && c != '=') || ((c == ' ' || c == '\t') && !at_end);
    // One character is kept free for the soft line break's '='.
    if (out.size() - line_start + (plain ? 1U : 3U) > line_limit - 1) {
      out += "=\r\n";
      line_start = out.size();
    }
    if (plain)
      out += c;
    else
      append_hex(out, '=', c);
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8U | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= n ? base64_digits[bits >> (18U - 6U * static_cast<unsigned>(k)) & 63U] : '=';
  }
  return out;
}

std::string base64_lines(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() / base64_line_bytes * 78 + 80);
  for (std::size_t i = 0; i < bytes.size(); i += base64_line_bytes) {
    out += base64(bytes.substr(i, base64_line_bytes));
    out += crlf;
  }
  return out;
}

}  // namespace venturi::net
