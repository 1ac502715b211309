/*
title      = "Premiums collected this year (社会保险费征缴收入)"
unit       = "元"
numerator   = { zh = "本年累计入库的保险费", counts = "yuan" }
insurances = ["employee_pension", "unemployment", "injury"]
accumulates = true
basis      = ["荣政办发〔2024〕3号 一(二)", "盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 二"]
needs      = ["tax/collection"]

[explanation]
zh = "本年1月1日至月末入库的该险种保险费，退费相抵，按入库日期、单位所在地区统计。"
en = "Premiums of the insurance received between January 1st and the end of the month, refunds deducted, by the day they came in and the employer's area."

[[example]]
why     = "back payments count when they come in, refunds are deducted, last year's and next month's do not count"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
collection = [
  { employer = "Shop", month = 2026-01-01, insurance = "injury", paid_yuan = 500, received_on = 2026-02-10 },
  { employer = "Shop", month = 2024-01-01, insurance = "injury", voucher_no = "2", paid_yuan = 70, received_on = 2026-10-31 },
  { employer = "Shop", month = 2026-02-01, insurance = "injury", voucher_no = "3", paid_yuan = -20, received_on = 2026-03-10 },
  { employer = "Shop", month = 2026-10-01, insurance = "injury", voucher_no = "4", paid_yuan = 500, received_on = 2026-11-10 },
  { employer = "Shop", month = 2025-12-01, insurance = "injury", voucher_no = "5", paid_yuan = 500, received_on = 2025-12-31 },
]
gives   = [{ area = "371082100", insurance = "injury", numerator = 550, contributors = 1 }]
*/
-- A voucher that two deliveries tell of is one.
select employer.area, received.insurance, sum(received.yuan) as numerator,
       count(distinct received.employer_key) as contributors
from (
    select employer_key, insurance, month, voucher_no, max(paid_yuan) as yuan
    from collection
    where insurance in ('employee_pension', 'unemployment', 'injury')
      and received_on >= make_date(extract(year from :period)::integer, 1, 1)
      and received_on < :data_until
    group by employer_key, insurance, month, voucher_no
) as received
left join employer on employer.employer_key = received.employer_key
group by employer.area, received.insurance
