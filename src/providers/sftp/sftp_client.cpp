#include "providers/sftp/sftp_client.h"

#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

namespace venturi::providers {
namespace {

using operators::TaskFailed;
using std::chrono::milliseconds;

constexpr milliseconds silence{60'000};
constexpr std::uint32_t our_version = 3;
// What each server has to take. On the way at once: a mebibyte, so that a distant server is no slow one.
constexpr std::uint32_t piece_bytes = 32768;
constexpr std::size_t most_on_the_way = 32;
constexpr std::size_t most_packet = 1UL << 20U;
constexpr std::uint32_t for_reading = 1, for_writing = 2, makes_it = 8, empties_it = 16;

std::string_view sentence(SftpStatus status) {
  switch (status) {
    case SftpStatus::no_such_file:
      return "there is no such file";
    case SftpStatus::permission_denied:
      return "permission denied";
    case SftpStatus::unsupported:
      return "the server cannot do that";
    default:
      return "it failed there";
  }
}

}  // namespace

SftpClient::SftpClient(SshSettings settings, int stop)
    : session_(std::move(settings), stop),
      channel_(session_.open_channel()),
      patience_(session_.settings().cmd_timeout.value_or(silence)) {
  begin();
}

void SftpClient::purpose(std::string_view what, std::string_view path) {
  session_.set_purpose(fmt::format("SFTP: {} {}", what, shown(path)));
}

void SftpClient::no_sftp(std::string_view why) const {
  throw TaskFailed(fmt::format("{}: the server speaks no SFTP: {}", session_.shown(), why));
}

void SftpClient::begin() {
  session_.set_purpose("SFTP: sftp://" + settings().shown());
  const int granted = session_.repeat(SSH_AGAIN, until(), [this] { return ::ssh_channel_request_sftp(channel_.get()); });
  if (granted != SSH_OK) no_sftp(::ssh_get_error(session_.get()));
  (void)send(SftpType::init, SftpBody().number(our_version));
  const Answer answer = receive();
  SftpReader reader(answer.body);
  if (answer.type != SftpType::version || answer.id < our_version)
    no_sftp(fmt::format("its answer is of type {}, version {}", static_cast<int>(answer.type), answer.id));
  while (!reader.is_at_end()) {
    extensions_.emplace(reader.text());
    (void)reader.text();
  }
}

// ---- messages

std::uint32_t SftpClient::send(SftpType type, const SftpBody& body) {
  session_.check();
  // A stop may leave half a message here, which comes first then.
  out_ += sftp_packet(type, ++last_id_, body.bytes());
  auto give_up = until();
  while (!out_.empty()) {
    const int sent = ::ssh_channel_write(channel_.get(), out_.data(), static_cast<std::uint32_t>(out_.size()));
    if (sent < 0 && sent != SSH_AGAIN) session_.lost();
    if (sent > 0) {
      out_.erase(0, static_cast<std::size_t>(sent));
      give_up = until();
      continue;
    }
    // The server's window is full: what it says of it comes with the packets that wait.
    if (::ssh_channel_poll(channel_.get(), 0) == SSH_ERROR) session_.lost();
    if (::ssh_channel_is_closed(channel_.get()) != 0) session_.lost("the server closed the connection");
    if (::ssh_channel_window_size(channel_.get()) == 0) session_.wait(give_up);
  }
  return last_id_;
}

// Until so many bytes are there.
void SftpClient::fill(std::size_t size) {
  auto give_up = until();
  while (in_.size() < size) {
    session_.check();
    char bytes[65536];
    const int got = ::ssh_channel_read_nonblocking(channel_.get(), bytes, sizeof bytes, 0);
    if (got > 0) {
      in_.append(bytes, static_cast<std::size_t>(got));
      give_up = until();
      continue;
    }
    if (got == SSH_ERROR) session_.lost();
    if (got == SSH_EOF || ::ssh_channel_is_eof(channel_.get()) != 0 || ::ssh_channel_is_closed(channel_.get()) != 0 ||
        ::ssh_is_connected(session_.get()) == 0)
      session_.lost("the server closed the connection");
    session_.wait(give_up);
  }
}

SftpClient::Answer SftpClient::receive() {
  fill(4);
  const std::uint32_t size = SftpReader(in_).number();
  // What a profile of the user's shell writes comes first, for one.
  if (size < 5 || size > most_packet)
    no_sftp(fmt::format("a message of {} bytes: does a profile of the login write something?", size));
  fill(4 + size);
  SftpReader reader(std::string_view(in_).substr(5, 4));
  Answer answer{.type = static_cast<SftpType>(static_cast<unsigned char>(in_[4])),
                .id = reader.number(),
                .body = in_.substr(9, size - 5)};
  in_.erase(0, 4 + size);
  return answer;
}

SftpClient::Answer SftpClient::ask(SftpType type, const SftpBody& body) {
  const std::uint32_t id = send(type, body);
  for (;;) {
    Answer answer = receive();
    if (answer.id == id) return answer;
    if (!passes_over_others_) no_sftp("an answer to another question");
  }
}

void SftpClient::refuse(const Answer& answer) const {
  if (answer.type != SftpType::status) no_sftp(fmt::format("an answer of type {}", static_cast<int>(answer.type)));
  SftpReader reader(answer.body);
  const auto status = static_cast<SftpStatus>(reader.number());
  const std::string text(reader.is_at_end() ? std::string_view() : reader.text());
  throw SftpRefused(fmt::format("{}: {} (status {}{}{})", session_.shown(), sentence(status), static_cast<unsigned>(status),
                                text.empty() ? "" : ": ", text),
                    status);
}

void SftpClient::expect_ok(const Answer& answer) const {
  if (answer.type != SftpType::status || static_cast<SftpStatus>(SftpReader(answer.body).number()) != SftpStatus::ok)
    refuse(answer);
}

std::string SftpClient::open(SftpType type, const SftpBody& body) {
  const Answer answer = ask(type, body);
  if (answer.type != SftpType::handle) refuse(answer);
  return std::string(SftpReader(answer.body).text());
}

void SftpClient::close(const std::string& handle) {
  expect_ok(ask(SftpType::close, SftpBody().text(handle)));
}

void SftpClient::clean_up_within(milliseconds time) {
  session_.stop_no_more();
  patience_ = time;
  passes_over_others_ = true;
}

// ---- calls

std::optional<SftpAttributes> SftpClient::stat(const std::string& path) {
  purpose("STAT", path);
  const Answer answer = ask(SftpType::stat, SftpBody().text(path));
  if (answer.type == SftpType::attributes) return SftpReader(answer.body).attributes();
  if (answer.type == SftpType::status && static_cast<SftpStatus>(SftpReader(answer.body).number()) == SftpStatus::no_such_file)
    return std::nullopt;
  refuse(answer);
}

std::vector<SftpEntry> SftpClient::list(const std::string& folder) {
  purpose("LIST", folder);
  const std::string handle = open(SftpType::opendir, SftpBody().text(folder));
  std::vector<SftpEntry> entries;
  for (;;) {
    const Answer answer = ask(SftpType::readdir, SftpBody().text(handle));
    if (answer.type != SftpType::name) {
      if (answer.type != SftpType::status ||
          static_cast<SftpStatus>(SftpReader(answer.body).number()) != SftpStatus::end_of_file)
        refuse(answer);
      break;
    }
    SftpReader reader(answer.body);
    for (std::uint32_t i = reader.number(); i > 0; --i) {
      std::string name(reader.text());
      (void)reader.text();  // as ls -l shows it
      const SftpAttributes attributes = reader.attributes();
      if (name != "." && name != "..") entries.push_back({std::move(name), attributes});
    }
  }
  close(handle);
  std::ranges::sort(entries, {}, &SftpEntry::name);
  return entries;
}

std::string SftpClient::real_path(const std::string& path) {
  purpose("REALPATH", path);
  const Answer answer = ask(SftpType::realpath, SftpBody().text(path));
  if (answer.type != SftpType::name) refuse(answer);
  SftpReader reader(answer.body);
  if (reader.number() < 1) no_sftp("a path without a name");
  return std::string(reader.text());
}

void SftpClient::remove(const std::string& path) {
  purpose("DELETE", path);
  expect_ok(ask(SftpType::remove, SftpBody().text(path)));
}
void SftpClient::remove_folder(const std::string& path) {
  purpose("RMDIR", path);
  expect_ok(ask(SftpType::rmdir, SftpBody().text(path)));
}
void SftpClient::make_folder(const std::string& path) {
  purpose("MKDIR", path);
  expect_ok(ask(SftpType::mkdir, SftpBody().text(path).no_attributes()));
}
void SftpClient::rename(const std::string& from, const std::string& to) {
  purpose("RENAME " + from + " to", to);
  if (renames_over_files()) {
    expect_ok(ask(SftpType::extended, SftpBody().text("posix-rename@openssh.com").text(from).text(to)));
  } else {
    expect_ok(ask(SftpType::rename, SftpBody().text(from).text(to)));
  }
}

// What was asked for and has not come yet; answers may come in any order.
class SftpClient::Pieces {
 public:
  Pieces(SftpClient& sftp, std::string handle) : sftp_(sftp), handle_(std::move(handle)) {}

  // Nothing at the end.
  std::string next() {
    while (!is_at_end_ && asked_.size() < most_on_the_way) {
      ask(asked_.end(), offset_, piece_bytes);
      offset_ += piece_bytes;
    }
    if (asked_.empty()) return {};
    await_first();
    const Piece first = std::move(asked_.front());
    asked_.pop_front();
    if (first.answer->type == SftpType::status) {
      if (static_cast<SftpStatus>(SftpReader(first.answer->body).number()) != SftpStatus::end_of_file)
        sftp_.refuse(*first.answer);
      drain();
      return {};
    }
    if (first.answer->type != SftpType::data) sftp_.refuse(*first.answer);
    std::string bytes(SftpReader(first.answer->body).text());
    if (bytes.empty() || bytes.size() > first.size) sftp_.no_sftp("a piece of another size than was asked for");
    if (bytes.size() < first.size)
      ask(asked_.begin(), first.offset + bytes.size(), first.size - static_cast<std::uint32_t>(bytes.size()));
    return bytes;
  }

 private:
  struct Piece {
    std::uint32_t id = 0, size = 0;
    std::uint64_t offset = 0;
    std::optional<Answer> answer = {};
  };

  void ask(const std::deque<Piece>::const_iterator& before, std::uint64_t offset, std::uint32_t size) {
    const std::uint32_t id = sftp_.send(SftpType::read, SftpBody().text(handle_).large(offset).number(size));
    asked_.insert(before, Piece{.id = id, .size = size, .offset = offset});
  }
  void await_first() {
    while (!asked_.front().answer) {
      Answer answer = sftp_.receive();
      const auto its = std::ranges::find(asked_, answer.id, &Piece::id);
      if (its == asked_.end() || its->answer) sftp_.no_sftp("an answer to another question");
      its->answer = std::move(answer);
    }
  }
  // The rest is beyond the end.
  void drain() {
    is_at_end_ = true;
    for (; !asked_.empty(); asked_.pop_front()) await_first();
  }

  SftpClient& sftp_;
  std::string handle_;
  std::deque<Piece> asked_;
  std::uint64_t offset_ = 0;
  bool is_at_end_ = false;
};

std::optional<std::uint64_t> SftpClient::read(const std::string& path, const std::function<void(std::string_view)>& take) {
  purpose("GET", path);
  const std::string handle = open(SftpType::open, SftpBody().text(path).number(for_reading).no_attributes());
  const Answer answer = ask(SftpType::fstat, SftpBody().text(handle));
  std::optional<std::uint64_t> size;
  if (answer.type == SftpType::attributes) {
    const SftpAttributes attributes = SftpReader(answer.body).attributes();
    if (attributes.is_folder()) throw TaskFailed(session_.shown() + ": it is a folder");
    if (attributes.has_size) size = attributes.size;
  }
  Pieces pieces(*this, handle);
  for (std::string bytes = pieces.next(); !bytes.empty(); bytes = pieces.next()) take(bytes);
  close(handle);
  return size;
}

void SftpClient::write(const std::string& path, std::optional<std::uint32_t> mode,
                       const std::function<std::string_view(std::size_t)>& next) {
  purpose("PUT", path);
  const std::string handle =
      open(SftpType::open, SftpBody().text(path).number(for_writing | makes_it | empties_it).no_attributes());
  // A wish: not every server knows of permissions.
  if (mode) (void)ask(SftpType::fsetstat, SftpBody().text(handle).mode(*mode));
  std::uint64_t offset = 0;
  std::set<std::uint32_t> asked;
  const auto await_one = [&] {
    const Answer answer = receive();
    if (asked.erase(answer.id) == 0) no_sftp("an answer to another question");
    expect_ok(answer);
  };
  for (std::string_view bytes = next(piece_bytes); !bytes.empty(); bytes = next(piece_bytes)) {
    asked.insert(send(SftpType::write, SftpBody().text(handle).large(offset).text(bytes)));
    offset += bytes.size();
    if (asked.size() >= most_on_the_way) await_one();
  }
  while (!asked.empty()) await_one();
  if (extensions_.contains("fsync@openssh.com"))
    expect_ok(ask(SftpType::extended, SftpBody().text("fsync@openssh.com").text(handle)));
  close(handle);
}

}  // namespace venturi::providers
