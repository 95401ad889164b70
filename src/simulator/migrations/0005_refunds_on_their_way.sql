-- An index for each state in which a refund waits: a condition that names one state is not seen to fall under `IN`.
DROP INDEX refunds_to_settle;
CREATE INDEX refunds_to_submit ON refunds (created_at) WHERE status = 'queued';
CREATE INDEX refunds_to_process ON refunds (created_at) WHERE status = 'pending';
