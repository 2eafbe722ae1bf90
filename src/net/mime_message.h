// A mail as the bytes that go to the server, made while they are read: attachments are never in memory as a whole.
//
//   no attachment, one text          text/plain or text/html
//   no attachment, both texts        multipart/alternative { text/plain, text/html }
//   attachments                      multipart/mixed { one of the above, application/octet-stream... }; images are image/png,
//   ...
// Each attachment has its name as Content-ID: HTML shows an image by <img src="cid:chart.png">. For that the multipart is
// "related" (Mail::subtype).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "net/mime_encoding.h"

namespace venturi::net {

struct MailAttachment {
  std::string path;
  std::string name;  // as the receiver sees it
};

struct Mail {
  MailAddress from;
  std::vector<MailAddress> to, cc, bcc;  // bcc: in the envelope only
  std::string subject;                   // UTF-8
  // In `charset`; at least one is not empty. Line ends are LF or CRLF.
  std::string text, html;
  std::string charset = "utf-8";
  std::vector<MailAttachment> attachments;
  std::string subtype = "mixed";                             // of the multipart that attachments make
  std::vector<std::pair<std::string, std::string>> headers;  // further fields
  std::string message_id;                                    // without < and >
  Time date{};
};

// "<hash of the key>@venturi.<host of the sender>": the same for the same key, so that a receiver can drop what is sent twice.
[[nodiscard]] std::string message_id_for(std::string_view key, const MailAddress& from);

class MimeMessage {
 public:
  // Opens the attachments. Refused: no receiver, no text, a header's name or value that is none, a file that cannot be read.
  [[nodiscard]] static Result<MimeMessage> make(const Mail& mail);

  // The next bytes, at most `capacity` and at least 4 KiB of room; 0 at the end. Lines end with CRLF. Throws
  // std::system_error where an attachment cannot be read any more.
  std::size_t read(char* to, std::size_t capacity);
  // From the beginning again: for a second attempt.
  void rewind();

  [[nodiscard]] const std::string& sender() const { return sender_; }
  // Each mailbox once, in the order to, cc, bcc.
  [[nodiscard]] const std::vector<std::string>& receivers() const { return receivers_; }
  // Whether read() waits for a disk.
  [[nodiscard]] bool has_attachments() const;
  // About as many bytes as read() gives.
  [[nodiscard]] std::uint64_t size_estimate() const;

 private:
  struct File {
    std::string path;
    Fd fd;
    std::uint64_t size = 0;
  };
  std::string sender_;
  std::vector<std::string> receivers_;
  std::vector<std::variant<std::string, File>> pieces_;
  std::size_t piece_ = 0;
  std::uint64_t position_ = 0;  // within the piece: bytes of the text, or of the file
};

}  // namespace venturi::net
