// The writer thread: commits one batch after the other, and tells the loop when each is durable.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/event_loop.h"
#include "base/result.h"
#include "store/store.h"

namespace venturi::server {

class CommitQueue {
 public:
  using OnDone = std::function<void(Result<void>)>;

  // `on_done` is called in the loop's thread after each commit.
  CommitQueue(EventLoop& loop, store::Store& store, OnDone on_done);
  // Waits for the commit under way. Its on_done is not called any more.
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  // Only while idle(). The batch lives until on_done.
  void commit(const store::Batch& batch);
  [[nodiscard]] bool idle() const { return !busy_; }

 private:
  void run();

  EventLoop& loop_;
  store::Store& store_;
  OnDone on_done_;
  bool busy_ = false;  // the loop's view
  std::shared_ptr<CommitQueue*> alive_ = std::make_shared<CommitQueue*>(this);

  std::mutex mutex_;
  std::condition_variable wake_;
  const store::Batch* next_ = nullptr;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace venturi::server
