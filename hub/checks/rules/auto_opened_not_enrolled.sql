/*
id         = "U02"
title      = "Account opened of itself, still nobody enrolled (自动开户后未参保)"
subject    = "employer"
severity   = "low"
basis      = ["荣政办发〔2024〕3号 措施1", "社会保险法 第五十八条"]
needs      = [
  "administrative_approval/auto_opened_account", "market_supervision/registration", "market_supervision/cancellation",
  "human_resources/employer_enrollment", "human_resources/enrollment",
]
misses     = ["human_resources/employer_enrollment", "human_resources/enrollment", "market_supervision/cancellation"]
parameters = ["auto_opened_reminder_days"]

[explanation]
zh = "登记注册时自动完成社保开户的企业，开户超过规定天数仍没有任何职工参保。这是提醒，不是认定：请推送信息，提醒企业及时为职工办理参保缴费手续；确无职工的记录情况。个体工商户、已注销吊销单位不列入；分支机构可能由总机构参保，不作判断。"
en = "An account was opened of itself when the enterprise was registered, and after so many days nobody is enrolled. A reminder, not a verdict: send the message, and note where there are no employees. Individual businesses and closed ones are left out; a branch may be insured through its head office."

[[example]]
why      = "opened more than thirty days ago and nobody enrolled; the thirtieth day is still in time"
today    = 2026-10-31
period   = 2026-10-01
employer = [{ employer = "Shop" }, { employer = "In time" }, { employer = "Enrolled" }, { employer = "Counted" }]
employer_account = [
  { employer = "Shop", starts_on = 2026-09-30 },
  { employer = "In time", starts_on = 2026-10-01 },
  { employer = "Enrolled", starts_on = 2026-01-01 },
  { employer = "Counted", starts_on = 2026-01-01 },
  { employer = "Counted", insurance = "injury", account_no = "2", headcount = 1 },
]
enrollment = [{ person = "A", employer = "Enrolled", insurance = "injury", starts_on = 2026-02-01 }]
finds    = ["Shop"]

[[example]]
why      = "closed, cancelled, no enterprise, or with an account that it opened itself for an insurance: not reminded"
today    = 2026-11-21
employer = [
  { employer = "Closed" }, { employer = "Cancelled", status = "cancelled" }, { employer = "Account closed" },
  { employer = "Noodles", kind = "individual_business" }, { employer = "Own account" },
]
employer_closure = [{ employer = "Closed", closed_on = 2026-11-01 }]
employer_account = [
  { employer = "Closed", starts_on = 2026-05-01 },
  { employer = "Cancelled", starts_on = 2026-05-01 },
  { employer = "Account closed", starts_on = 2026-05-01, state = "closed" },
  { employer = "Noodles", starts_on = 2026-05-01 },
  { employer = "Own account", starts_on = 2026-05-01, insurance = "injury", headcount = 0 },
]
finds    = []

[[example]]
why      = "its days ended after the enrollments delivered, or its head office may insure its staff"
today    = 2026-11-21
employer = [{ employer = "October" }, { employer = "Branch", kind = "branch" }]
employer_account = [{ employer = "October", starts_on = 2026-10-10 }, { employer = "Branch", starts_on = 2026-05-01 }]
finds    = []
unknown  = ["October", "Branch"]
*/
select opened.employer_key as subject_key,
       opened.employer_key,
       open_employer.area,
       open_employer.region,
       case when opened.doubt is null and open_employer.kind not in ('branch', 'other') then 'FOUND' else 'UNKNOWN' end
           as verdict,
       case when open_employer.kind in ('branch', 'other') then 'perhaps insured through its head office'
            else opened.doubt end as unknown_because,
       opened.opened_on,
       :today - opened.opened_on as days_open,
       open_employer.employer,
       opened.employer_account
from (
    select account.employer_key, account.opened_on, account.employer_account,
           case when :data_until - account.opened_on <= :auto_opened_reminder_days
                then 'its days ended after the enrollments delivered' end as doubt
    from (
        -- opened of itself: an account for no insurance yet
        select employer_key, min(starts_on) as opened_on, array_agg(employer_account) as employer_account
        from employer_account
        where kind = 'social_insurance' and insurance = '' and state = 'normal'
        group by employer_key
    ) as account
    left join (
        select distinct employer_key
        from staffed_employer
        where starts_on < :data_until and ends_on >= :data_until
    ) as staffed on staffed.employer_key = account.employer_key
    where staffed.employer_key is null
      and :today - account.opened_on > :auto_opened_reminder_days
) as opened
join open_employer on open_employer.employer_key = opened.employer_key
where open_employer.closes_on > :today
  and open_employer.kind <> 'individual_business';
