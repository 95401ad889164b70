#pragma once

#include "app/lane.hpp"
#include "store/link_marks.hpp"

namespace paylink::app {

// Has marks kept in the lists of an organization from the first time that somebody reads a page far from both ends; and
// where others write as well, the log that marks need.
class LinkFollower {
 public:
  // Lives until the lane has ended: what waits in it comes back here.
  LinkFollower(store::LinkMarks& marks, Lane& lane) : marks_(marks), lane_(lane) {}

  store::LinkMarks& marks() { return marks_; }
  // `offset` entries come before a page of a list of `total`.
  void note_page(OrganizationId organization, std::int64_t offset, std::int64_t total);

 private:
  Task<Result<>> follow(OrganizationId organization);

  store::LinkMarks& marks_;
  Lane& lane_;
};

}  // namespace paylink::app
