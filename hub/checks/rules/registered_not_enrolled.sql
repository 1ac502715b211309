/*
id         = "U01"
title      = "Registered, but nobody enrolled (已注册未参保)"
subject    = "employer"
severity   = "high"
basis      = ["乌海政发〔2020〕17号 四(二)1、四(二)3", "荣政办发〔2024〕3号 措施1", "社会保险法 第五十七条"]
needs      = [
  "market_supervision/registration", "market_supervision/cancellation", "civil_affairs/social_organization",
  "human_resources/employer_enrollment", "human_resources/enrollment",
]
misses     = ["human_resources/employer_enrollment", "human_resources/enrollment", "market_supervision/cancellation"]
parameters = ["new_employer_grace_days"]

[explanation]
zh = "市场监管或民政登记在册、正常经营，成立超过规定期限，仍没有任何职工参保的单位。个体工商户由“有雇工个体工商户未参保”另行判断。已注销、吊销、迁出的不列入；分支机构可能由总机构参保，不作判断。请告知单位办理参保登记；逾期的依法处理。"
en = "A registered employer in operation, past the days it has to register, for which no employee is enrolled in any insurance. Individual businesses are another rule's. Who closed or moved away is left out; a branch may be insured through its head office and is not judged. Have the employer register."

[[example]]
why      = "the thirtieth day is still inside the grace period"
today    = 2026-01-31
employer = [{ employer = "Shop", registered_on = 2026-01-01 }]
finds    = []

[[example]]
why      = "past the grace period, of every kind that is obliged; with one employee enrolled it is not found"
today    = 2026-11-21
employer = [
  { employer = "Shop", registered_on = 2026-08-01 },
  { employer = "Club", kind = "social_organization", registered_on = 2020-01-01 },
  { employer = "Farm", kind = "cooperative", registered_on = 2020-01-01 },
  { employer = "Mill", registered_on = 2020-01-01 },
  { employer = "Yard", registered_on = 2020-01-01 },
  { employer = "Forge", registered_on = 2020-01-01 },
]
enrollment = [
  { person = "Miller", employer = "Mill", insurance = "injury", starts_on = 2021-01-01 },
  { person = "Smith", employer = "Forge", starts_on = 2021-01-01, ends_on = 2026-05-01, state = "ended" },
]
employer_account = [{ employer = "Yard", insurance = "injury", headcount = 2 }]
finds    = ["Shop", "Club", "Farm", "Forge"]

[[example]]
why      = "closed in any way, moved away, only introduced by another department, or of a kind that is judged otherwise: never found"
today    = 2026-11-21
employer = [
  { employer = "Cancelled", registered_on = 2020-01-01, status = "cancelled" },
  { employer = "Revoked", registered_on = 2020-01-01, status = "revoked" },
  { employer = "Moved out", registered_on = 2020-01-01, status = "moved_out" },
  { employer = "Introduced", registered_on = 2020-01-01, status = "introduced" },
  { employer = "Just closed", registered_on = 2020-01-01 },
  { employer = "School", registered_on = 2020-01-01, kind = "public_institution" },
  { employer = "Noodles", registered_on = 2020-01-01, kind = "individual_business" },
]
employer_closure = [{ employer = "Just closed", closed_on = 2026-11-02 }]
finds    = []

[[example]]
why      = "a branch, an unknown day, and a grace period that ended after the enrollments delivered: not for the data to decide"
today    = 2026-11-21
employer = [
  { employer = "Branch", kind = "branch", registered_on = 2020-01-01 },
  { employer = "Undated" },
  { employer = "October", registered_on = 2026-10-10 },
]
finds    = []
unknown  = ["Branch", "Undated", "October"]
*/
select bare.employer_key as subject_key,
       bare.employer_key,
       bare.area,
       bare.region,
       case when bare.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       bare.doubt as unknown_because,
       bare.registered_on,
       :today - bare.registered_on as days_registered,
       bare.employer
from (
    select obliged.*,
           case
               when obliged.registered_on is null
                   then 'the day of registration is not told'
               when obliged.kind in ('branch', 'other')
                   then 'perhaps insured through its head office'
               when :data_until - obliged.registered_on <= :new_employer_grace_days
                   then 'its days to register ended after the enrollments delivered'
           end as doubt
    from (
        select employer_key, area, region, kind, registered_on, employer
        from open_employer
        where status = 'operating' and closes_on > :today
          and kind in ('enterprise', 'cooperative', 'social_organization', 'law_firm', 'branch', 'other')
          and (registered_on is null or :today - registered_on > :new_employer_grace_days)
    ) as obliged
    left join (
        select distinct employer_key
        from staffed_employer
        where starts_on < :data_until and ends_on >= :data_until
    ) as staffed on staffed.employer_key = obliged.employer_key
    where staffed.employer_key is null
) as bare;
