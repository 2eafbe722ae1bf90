#include "worker/launch_record.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/errno_error.h"
#include "worker/crc32.h"

namespace venturi::worker {
namespace {

constexpr std::size_t slot_bytes = 32;
constexpr std::size_t smallest_capacity = 16384;
constexpr std::string_view magic = "VLAUNCH1";

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T take(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string new_worker_id() {
  unsigned char random[8];
  if (::getrandom(random, sizeof random, 0) != sizeof random) throw errno_error("getrandom");
  static constexpr char digits[] = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : random) {
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;
}

std::string header_of(std::string_view worker_id) {
  std::string out(magic);
  out.append(worker_id.substr(0, 16));  // 8 bytes as hex digits
  out.resize(slot_bytes - 4, '\0');
  put(out, crc32(out));
  return out;
}

void write_at(int fd, std::string_view data, std::size_t offset, const std::string& path) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw errno_error("write " + path);
    }
    data.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::size_t>(n);
  }
}

}  // namespace

std::string LaunchRecord::encode(const Slot& slot) {
  std::string out;
  out.reserve(slot_bytes);
  put(out, slot.token.epoch);
  put(out, slot.token.sequence);
  put(out, slot.batch);
  put(out, slot.index);
  put(out, static_cast<std::uint32_t>(slot.kind));
  put(out, crc32(out));
  return out;
}

bool LaunchRecord::decode(std::string_view bytes, Slot& slot) {
  const auto kind = take<std::uint32_t>(bytes, 24);
  if (kind < 1 || kind > static_cast<std::uint32_t>(Kind::settled_to) ||
      crc32(bytes.substr(0, 28)) != take<std::uint32_t>(bytes, 28))
    return false;
  slot.token = {take<std::uint64_t>(bytes, 0), take<std::uint64_t>(bytes, 8)};
  slot.batch = take<std::uint32_t>(bytes, 16);
  slot.index = take<std::uint32_t>(bytes, 20);
  slot.kind = static_cast<Kind>(kind);
  return true;
}

LaunchRecord::LaunchRecord(const std::string& folder) : folder_(folder), path_(folder + "/launch.rec") {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw errno_error("mkdir " + folder);
  recover();
}

void LaunchRecord::recover() {
  file_ = Fd(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file_ && errno != ENOENT) throw errno_error("open " + path_);
  bool whole = false;
  if (file_) {
    std::string content;
    char buffer[65536];
    for (ssize_t n = 0; (n = ::pread(file_.get(), buffer, sizeof buffer, static_cast<off_t>(content.size()))) != 0;) {
      if (n < 0) throw errno_error("read " + path_);
      content.append(buffer, static_cast<std::size_t>(n));
    }
    whole = read_slots(content);
    if (!whole) {
      // Kept for whoever wants to look. What could be read of it still counts; what is missing is not known.
      const std::string damaged = path_ + ".damaged";
      if (::rename(path_.c_str(), damaged.c_str()) != 0) throw errno_error("rename " + path_);
      epoch_ = base_ = 0;
    }
  }
  if (!whole) {
    worker_id_ = new_worker_id();
    rewrite();
  }
}

bool LaunchRecord::read_slots(const std::string& content) {
  const std::string_view all = content;
  if (all.size() < slot_bytes || all.substr(0, magic.size()) != magic ||
      crc32(all.substr(0, slot_bytes - 4)) != take<std::uint32_t>(all, slot_bytes - 4)) {
    return false;
  }
  worker_id_ = std::string(all.substr(magic.size(), 16));
  capacity_ = all.size() / slot_bytes;
  std::vector<std::pair<std::size_t, Slot>> found;
  std::size_t first_hole = capacity_;
  for (std::size_t i = 1; i < capacity_; ++i) {
    Slot slot;
    if (decode(all.substr(i * slot_bytes, slot_bytes), slot)) {
      found.emplace_back(i, slot);
      apply(slot);
    } else {
      first_hole = std::min(first_hole, i);
      settled_from_ = 0;
    }
  }
  if (found.empty()) return true;
  const auto last = std::max_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.batch, a.first) < std::pair(b.second.batch, b.first);
  });
  position_ = found.back().first + 1;
  batch_ = last->second.batch + 1;
  index_ = 0;
  const std::size_t last_batch_begins = last->first - last->second.index;
  if (first_hole < last_batch_begins) return false;
  if (first_hole < position_) rewrite();  // or later batches would stand behind the hole
  return true;
}

void LaunchRecord::apply(const Slot& slot) {
  switch (slot.kind) {
    case Kind::accepted:
      entries_[slot.token] = Fate::accepted;
      break;
    case Kind::refused:
      entries_[slot.token] = Fate::refused;
      break;
    case Kind::settled:
      add_settled(slot.token, slot.token.sequence + 1);
      break;
    case Kind::settled_from:
      settled_from_ = slot.token.sequence;
      break;
    case Kind::settled_to:
      if (settled_from_ != 0) add_settled({slot.token.epoch, settled_from_}, slot.token.sequence);
      settled_from_ = 0;
      break;
    case Kind::base:
      epoch_ = slot.token.epoch;
      base_ = slot.token.sequence;
      horizon_ = 0;
      break;
    case Kind::horizon:
      horizon_ = std::max(horizon_, slot.token.sequence);
      forget();
      break;
  }
}

void LaunchRecord::rewrite() {
  std::string content = header_of(worker_id_);
  std::uint32_t index = 0;
  const auto write = [&](Token token, Kind kind) { content += encode({token, 1, index++, kind}); };
  if (epoch_ != 0) {
    write({epoch_, base_}, Kind::base);
    if (horizon_ != 0) write({epoch_, horizon_}, Kind::horizon);
  }
  for (const auto& [token, fate] : entries_) write(token, fate == Fate::accepted ? Kind::accepted : Kind::refused);
  for (const auto& [from, end] : settled_) {
    write(from, Kind::settled_from);
    write({from.epoch, end}, Kind::settled_to);
  }
  const std::size_t used = content.size() / slot_bytes;
  const std::size_t capacity = std::max(smallest_capacity, 2 * used);
  content.resize(capacity * slot_bytes, '\0');

  const std::string fresh = path_ + ".new";
  Fd file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) throw errno_error("open " + fresh);
  write_at(file.get(), content, 0, fresh);
  if (::fsync(file.get()) != 0) throw errno_error("fsync " + fresh);
  if (::rename(fresh.c_str(), path_.c_str()) != 0) throw errno_error("rename " + fresh);
  const Fd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) throw errno_error("fsync " + folder_);
  file_ = std::move(file);
  capacity_ = capacity;
  position_ = used;
  batch_ = 2;
  index_ = 0;
}

std::uint64_t LaunchRecord::highest() const {
  const bool has_entry = !entries_.empty() && entries_.rbegin()->first.epoch == epoch_;
  const bool has_settled = !settled_.empty() && settled_.rbegin()->first.epoch == epoch_;
  return std::max(has_entry ? entries_.rbegin()->first.sequence : 0, has_settled ? settled_.rbegin()->second - 1 : 0);
}

void LaunchRecord::begin_epoch(std::uint64_t epoch, std::uint64_t sent_below) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  base_ = sent_below;
  horizon_ = 0;
  queue({epoch, sent_below}, Kind::base);
  must_sync_ = true;
}

void LaunchRecord::forget_below(std::uint64_t sequence) {
  if (epoch_ == 0 || sequence <= horizon_) return;
  horizon_ = sequence;
  forget();
  queue({epoch_, sequence}, Kind::horizon);
}

void LaunchRecord::forget() {
  const Token horizon{epoch_, horizon_};
  entries_.erase(entries_.begin(), entries_.lower_bound(horizon));
  const auto behind = settled_.lower_bound(horizon);
  if (behind != settled_.begin()) {
    const auto [from, end] = *std::prev(behind);
    settled_.erase(settled_.begin(), behind);
    if (from.epoch == epoch_ && end > horizon_) settled_.emplace(horizon, end);
  }
}

// A range from `from` on, `end` being the sequence behind its last; it may touch others, and does not overlap them but where it
// was told before.
void LaunchRecord::add_settled(Token from, std::uint64_t end) {
  entries_.erase(entries_.lower_bound(from), entries_.lower_bound(Token{from.epoch, end}));
  auto next = settled_.upper_bound(from);
  if (next != settled_.begin()) {
    const auto before = std::prev(next);
    if (before->first.epoch == from.epoch && before->second >= from.sequence) {
      end = std::max(end, before->second);
      from = before->first;
      next = settled_.erase(before);
    }
  }
  while (next != settled_.end() && next->first.epoch == from.epoch && next->first.sequence <= end) {
    end = std::max(end, next->second);
    next = settled_.erase(next);
  }
  settled_.emplace(from, end);
}

LaunchRecord::Fate LaunchRecord::fate(Token token) const {
  const auto found = entries_.find(token);
  if (found != entries_.end()) return found->second;
  const auto behind = settled_.upper_bound(token);
  if (behind == settled_.begin()) return Fate::none;
  const auto& [from, end] = *std::prev(behind);
  return from.epoch == token.epoch && token.sequence < end ? Fate::settled : Fate::none;
}

bool LaunchRecord::would_know(Token token) const {
  return epoch_ != 0 && token.epoch == epoch_ && token.sequence >= base_ && token.sequence >= horizon_;
}

void LaunchRecord::add(Token token, Kind kind, Fate fate) {
  entries_[token] = fate;
  queue(token, kind);
  must_sync_ = true;
}

void LaunchRecord::settle(Token token) {
  add_settled(token, token.sequence + 1);
  queue(token, Kind::settled);
}

void LaunchRecord::queue(Token token, Kind kind) {
  added_.push_back({token, 0, 0, kind});
}

bool LaunchRecord::write() {
  if (added_.empty()) return false;
#ifdef VENTURI_BREAK_NO_LAUNCH_RECORD
  added_.clear();
  return false;
#endif
  const bool must_sync = std::exchange(must_sync_, false);
  std::vector<Slot> slots = std::exchange(added_, {});
  try {
    if (position_ + slots.size() > capacity_) {
      rewrite();  // holds what was added too, and syncs it
      return false;
    }
    std::string content;
    content.reserve(slots.size() * slot_bytes);
    for (const Slot& slot : slots) content += encode({slot.token, batch_, index_++, slot.kind});
    write_at(file_.get(), content, position_ * slot_bytes, path_);
  } catch (...) {
    give_up(slots);
    throw;
  }
  position_ += slots.size();
  if (!must_sync) return false;
  ++batch_;
  index_ = 0;
  written_ = std::move(slots);
  return true;
}

std::string LaunchRecord::sync() const {
  return ::fdatasync(file_.get()) == 0 ? std::string() : errno_error("fdatasync " + path_).what();
}

void LaunchRecord::synced(bool on_disk) {
  if (!on_disk) give_up(written_);
  written_.clear();
}

void LaunchRecord::give_up(const std::vector<Slot>& slots) {
  for (const Slot& slot : slots) {
    if (slot.kind == Kind::accepted) entries_[slot.token] = Fate::refused;
  }
  position_ = capacity_;  // nobody knows what of it is on disk: the next write makes a new file
}

std::vector<Token> LaunchRecord::unsettled() const {
  std::vector<Token> tokens;
  for (const auto& [token, fate] : entries_) {
    if (fate == Fate::accepted) tokens.push_back(token);
  }
  return tokens;
}

}  // namespace venturi::worker
