#pragma once

#include "app/lane.hpp"
#include "store/link_marks.hpp"

namespace paylink::app {

// Has marks kept in the lists of an organization from the first time that somebody had none and would have needed
// them; and where others write as well, the log that they go by.
class LinkFollower {
 public:
  // Lives until the lane has ended: what waits in it comes back here.
  LinkFollower(store::LinkMarks& marks, Lane& lane) : marks_(marks), lane_(lane) {}

  store::LinkMarks& marks() { return marks_; }
  // After a list of it was read.
  void note_list(OrganizationId organization);

 private:
  Task<Result<>> follow(OrganizationId organization);

  store::LinkMarks& marks_;
  Lane& lane_;
};

}  // namespace paylink::app
