// How mail puts text that is not ASCII, or binary data, into lines of ASCII.
//   RFC 2047  encoded words in header fields          =?utf-8?Q?=D0=9E=D1=82=D1=87=D1=91=D1=82?=
//   RFC 2231  parameters, file names above all        filename*=utf-8''%D0%BE.csv
//   RFC 2045  quoted-printable and base64 bodies
// Lines end with CRLF and have at most 76 characters, but for header fields without a blank to fold at.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi::net {

// "Name <user@host>". The name is UTF-8; the mailbox is ASCII.
struct MailAddress {
  std::string name, mailbox;
  friend bool operator==(const MailAddress&, const MailAddress&) = default;
};

// Reads user@host, <user@host>, Name <user@host> and "Na, me" <user@host>. What is no address is refused with the reason.
[[nodiscard]] Result<MailAddress> parse_mail_address(std::string_view text);
// As it stands in a From or To field, not folded.
[[nodiscard]] std::string format_mail_address(const MailAddress& address);

// "Name: text" and CRLF, folded, as encoded words where the text is not plain ASCII. Line breaks in the text become blanks.
[[nodiscard]] std::string text_field(std::string_view name, std::string_view text);
// "Name: a, b" and CRLF, folded between the items, which are ready to be written.
[[nodiscard]] std::string list_field(std::string_view name, const std::string& items_separated_by_comma_and_blank);
// `;` CRLF and the parameter: name="value" where that is enough, name*=utf-8''... otherwise, in parts where it is long.
[[nodiscard]] std::string parameter(std::string_view name, std::string_view value);

// Text whose lines end with LF or CRLF; the result's end with CRLF.
[[nodiscard]] std::string quoted_printable(std::string_view text);
[[nodiscard]] std::string base64(std::string_view bytes);
// Base64 in lines. All but the last part of a long text have to be multiples of base64_line_bytes.
[[nodiscard]] std::string base64_lines(std::string_view bytes);
inline constexpr std::size_t base64_line_bytes = 57;  // 76 characters

[[nodiscard]] bool is_ascii(std::string_view text);
// The text with each sequence that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace venturi::net
