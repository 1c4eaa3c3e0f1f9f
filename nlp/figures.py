"""Words of danger that mean none: 「締切に殺される」, 「首になった」, a scene of a film, hide-and-seek, a dog's pills.

Only what names its harmless cause beside it counts: a deadline cannot kill, a husband can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

# What wears people out and lays no hand on anybody. No work, superior or debt: under those people do break.
_WEARING = (
    "(?:締切|締め切り|〆切|しめきり|納期|課題|宿題|れぽーと|論文|卒論|てすと|試験勉強|期末|たすく|めーる|会議|しふと|繁忙期|献立|家事|洗濯物|"
    "皿洗い|弁当作り|枝豆|うまい酒|筋肉痛|筋とれ|階段|坂道|満員電車|睡魔|眠気|花粉|湿気|日差し|紫外線|らすぼす|げーむ|人狼|"
    "数学|英語|物理|化学|古文|ばぐ|えくせる|ぱわぽ|推し|笑顔|かわいさ|可愛さ|尊さ)"
)
_WORN = re.compile(
    f"{_WEARING}(?:の(?:山|嵐|量|数|らっしゅ)|たち|様|さま|地獄)?(?:に|で)(?:まじで|ほんまに|ほんとに|本当に|今日も|毎回|いつも|一番|最初に|日々)?"
    "(?:殺さ|ころさ|刺さ|首を?[絞し]め|押しつぶさ|潰さ)[れるりたてそうかけ]*"
    f"|{_WEARING}で(?:毎回|いつも|一番|最初に)+(?:殺さ|ころさ)[れるりたてそう]*"
    "|首を?[絞し]められてる感"
)
# The neck that is a job.
_FIRED = re.compile(
    "(?:会社|仕事|職場|ばいと|ぱーと|派遣|工場|店|先月|今月|先週|突然|急に)[をでにから、はも]{0,3}(?:突然|急に|いきなり|今日|先月)?"
    "(?:首|くび)を?(?:切ら|きら|切りに|切り(?:が|も|さ))[れたてるましい]*"
    "|(?<!手)(?:首|くび)に(?:は|も)?(?:なった|なって|なりま|なりそ|されま|された|されて|されそ|すると|するぞ|せん|しない)(?!.{0,4}[絞締])"
)
_DANGER = "(?:刺|殺|ころ|死|首|殴|襲|撃|飛び降り|自殺|拷問|処刑|切ら)"
_SCENE = re.compile(
    f"{_DANGER}[^。、!?\n]{{0,6}}[るたぬすり](?:という|っていう|みたいな)?"
    "(?:しーん|せりふ|台詞|らすと|展開|すとーりー|えんでぃんぐ|どらま|映画|小説|漫画|まんが|あにめ|げーむ|きゃら)(?![友仲家館好喫])"
)
# A child that plays hides, and nobody is after it.
_PLAY = re.compile(
    "(?:家出|忍者|ひーろー|泥棒|どろぼう|警察|探検|たんけん|冒険|お泊まり会?|きゃんぷ|遭難|大?地震|避難|おに|鬼)ごっこ[^。!?\n]{0,30}"
    "|(?:かくれんぼ|隠れんぼ)[^。!?\n]{0,30}"
)
_NO_PLAY = re.compile(
    "閉じ込|とじこ|出して|殴|なぐ|叩|たた|蹴|泣|怖|こわ|首|痛|いた|見つかったら|血|うちで|家では|帰れ|かえれ|戻ら|いなくな|見つから|"
    "みつから|出てこ|息"
)
_PET = (
    "(?:犬|猫|ねこ|いぬ|わんこ|にゃんこ|うさぎ|はむすたー|いんこ|文鳥|亀|ふぇれっと|もるもっと|ぽち|ちわわ|ぷーどる|柴)"
    "(?:ちゃん|たち|ら)?"
)
# What is lost in a game is not a life.
_LOST_GAME = re.compile(
    "(?:全ろす|せーぶでーた|がちゃ|まぐま|らすぼす|らんく戦|爆死)[^。!?]{0,16}(?:生きていけない|生きてけない|生きていけん|人生終わ|死ぬしか)"
)
_PLATFORM = re.compile(
    "ほーむの端(?:っこ)?の(?:席|べんち|いす|椅子|車両|店|売店|自販機|階段|改札|部屋|といれ|えれべーたー)"
)
_PEOPLE = "(?:父|母|じい|ばあ|祖|夫|妻|主人|人|子|弟|妹|兄|姉|旦那)"
_ANIMAL = re.compile(
    f"{_PET}(?:が|は|も)[^。、!?\n飲をがはも]{{0,8}}"
    "(?:薬|ちょこ|洗剤|玉ねぎ|電池|たばこ|殺虫剤|除草剤|がむ|ゆり)[^。、!?\nがは]{0,6}(?:飲|のん|食べ|たべ|なめ|舐め|かじ|誤飲)[んだべたてしちゃいまうめじっ]*"
    f"|{_PET}(?:が|は)[^。、!?\nをがはも]{{0,6}}(?:ぐったり|けいれん|痙攣|息して|血を吐|倒れて|動かな)"
    f"[してるたいまなくんだ]*(?!{_PEOPLE})"
)
# What is asked beforehand.
_PREVENTED = re.compile(
    "(?:(?:のど|喉|気管)に)?(?:詰ま(?:らせ|ら)|つま(?:らせ|ら)|転ば|ころば|溺れ|熱中症になら|脱水になら|火事になら|やけどし)ない"
    "(?:よう|ため|こつ|方法|工夫|食べ|で(?:食|過|済)|に(?:は|食べ))[^。!?\n]{0,10}"
    "|(?:誤嚥|窒息|詰まり|熱中症|転倒|火事|火災|がす漏れ|一酸化炭素|ひーとしょっく|やけど|誤飲)(?:の|を|事故を|事故の)?(?:予防|防ぐ|防止|対策|避け)"
)
_NOT_PREVENTED = re.compile("のに|けど|でも|ても")
_SUPPOSED = re.compile(
    "(?:もし|もしも|万一|万が一|いざ)[^。!?\n]{0,16}(?:倒れ|詰ま|つま|火事に|がす漏れ|停電し|地震が|破水し|けいれん|痙攣)"
    "[^。!?\n]{0,6}(?:たら|場合|とき|時)(?:は|に|、)?[^。!?\n]{0,14}(?:どう|どこ|いい|何|なに|誰|だれ|ですか|でしょう)"
)
_NO_SUPPOSING = re.compile("てたら|でたら|今|いま|さっき|返事|息|薬|死|殺|殴")
# Fuel and fees one after another, with no word of what is wrong with them.
_BILL = "(?:電気|がす|水道|ぷろぱん|灯油|がそりん|水|お湯|光熱|食|米|家賃|携帯|通信)(?:代|費|料金)?"
_BILLS = re.compile(
    f"(?:{_BILL}(?:も|と|や|とか|、|,|・)*){{2}}(?:です|だ|よ|ね|全部|ぜんぶ|みんな|なに|何)*[もか。!]*"
)
_DEAR = re.compile(
    f"{_BILL}(?:って|が|は|も)?(?:ほんと|ほんま|まじで|めっちゃ|すごく|また|どんどん)?(?:高(?:い|く|すぎ|か)|上がっ|上がる|値上が|値上げ)"
    f"[^。!?\n]{{0,8}}(?:[。!?\n]*(?:{_BILL}[もとやか、]*)+(?=[。!?\n]|$))?"
)
_NOT_PAID = re.compile(
    "止|とま|とめ|払え|払って|はらえ|滞納|督促|ない|切ら|食べ|寒|凍|暑|熱|倒れ|えあこん|暖房|ぐったり|赤ちゃん|ばあ|じい|子ども|子供"
)
# Nothing is eaten before an examination, or to grow thin.
_NOT_EATEN = (
    "(?:(?:何も|なにも|なんも)?(?:食べ|たべ|飲ん|のん|食っ|食う)(?:て|で)(?:な|へん|ね|おりない)[いくか]?|(?:水|みず|お茶|白湯)(?:しか|だけ)|食べずに|絶食|"
    "(?:ごはん|ご飯|朝ごはん|朝食|食事)(?:ぬき|抜き))"
)
_TO_FAST = (
    "(?:検査|健診|検診|人間どっく|手術|採血|胃かめら|内視鏡|ばりうむ|断食|だいえっと|ふぁすてぃんぐ|でとっくす|らまだん|"
    "(?:お?酒|びーる|こーひー|甘い物|おやつ|間食)(?:を|は)?(?:やめ|控え|断っ)|禁酒|二日酔い|食べ過ぎ|食べすぎ)"
)
_FASTS = re.compile(f"{_NOT_EATEN}[^\n]{{0,16}}{_TO_FAST}|{_TO_FAST}[^\n]{{0,24}}{_NOT_EATEN}")
_NO_FASTING = re.compile(
    "金|給料|米|子ども|子供|こども|娘|息子|弟|妹|母|父|ふらふら|倒れ|動け|立て|死|やめられ|止まらな|怖|こわ|kg|きろ|吐|拒食|痩せ|やせ|年金"
)
# A neck that was slept on; a photograph that somebody takes for a living; railings that are painted; a key that lies
# at home; a bench where a friend is waited for.
_NECK = re.compile("(?:首|くび)を?(?:寝違|ねちが)え?[てたるま]*")
_PORTRAIT = re.compile("遺影[^。!?\n]{0,10}(?:写真館|撮影会|撮れる|撮ってもらえる|相談会|講座|りふぉーむ|額)")
_RAILING = re.compile(
    "(?:欄干|手すり|橋|屋上|ふぇんす|柵|べらんだ|歩道橋|踏切|ほーむ)(?:の)?[^。!?\n]{0,6}(?:塗り替え|塗装|工事|修理|補修|点検|取り付け|設置|防水|掃除)[^。!?\n]{0,12}"
)
_GRAVE_KEPT = re.compile(
    "お?墓(?:の|を)?(?:掃除|そうじ|参り|まいり)[^!?\n]{0,14}(?:命日|お盆|彼岸|法要)(?:の)?(?:準備|用意|支度)?"
)
_KEY_LEFT = re.compile(
    "(?:鍵|かぎ)を?(?:忘れ|わすれ|なくし|無くし|落とし|おとし)[てた]?[^。!?\n]{0,10}(?:入れ|はいれ|いれ)(?:な|ん|へん)い?"
)
_LOCKED_OUT = re.compile(
    "寒|さむ|追い出|怒|おこ|叩|たた|殴|なぐ|出され|はだし|裸足|帰ってこ|かえってこ|おなか|お腹|こわ|怖"
)
_MEETS = re.compile(
    "(?:駅|公園|ばす停|ほーむ)(?:前)?(?:の)?(?:べんち|待合室)?(?:で|に)[^。!?\n]{0,10}(?:待って|待ち合わせ|お弁当|日向ぼっこ|ひなたぼっこ|おしゃべり|ひと休み|一休み)[るたいまし]*"
)
_NO_MEETING = re.compile("夜|寝|ねる|帰|朝まで|寒|ない|家|追い出|電車を")
# What is fished for in a river, announced on a platform, sucked for a cold; a visit to somebody who is well kept.
_IN_THE_RIVER = re.compile(
    "(?:川|海|沢|池)に入って[^。!?\n]{0,10}(?:魚|貝|あさり|かに|蟹|えび|釣|遊|泳|涼|水遊び|冷や)[^。!?\n]{0,4}"
)
_ANNOUNCED = re.compile("(?:黄色い線|白線|点字ぶろっく)[^。!?\n]{0,16}(?:放送|あなうんす|お?下がり|下がって|内側)")
_SUCKED = re.compile("飴(?:を|ちゃん)?(?:なめ|舐め)て[^。!?\n]{0,8}(?:治|なお|まし|楽|咳|声)[^。!?\n]{0,4}")
_VISITS = re.compile(
    "(?:の|んところ)(?:ところ|とこ|もと)?(?:に|へ)[^。!?\n]{0,6}(?:面会|お見舞い|見舞い|泊まり|遊び|顔を見)に?(?:行|い)[^。!?\n]{0,8}"
)
_ASLEEP = re.compile(
    "(?:手|足|腕|脚)(?:が|の|も)?(?:しびれ|痺れ)[^。!?\n]{0,8}(?:寝てた|寝相|正座|下敷き|腕枕|肘をつ|ひじをつ|座ってた|変な姿勢)[^。!?\n]{0,5}|(?:正座|腕枕)[^。!?\n]{0,8}(?:しびれ|痺れ)[たてるちゃっい]*"
)
_FETCHED = re.compile("(?:また|車で|駅まで|あとで|明日|帰りに)[^。!?\n]{0,6}迎えに来て(?:くれ|もら)[るたいまし]*")
_OUTGROWN = re.compile(
    "(?:着なく|使わなく|読まなく|遊ばなく|小さく|いらなく|着られなく)なった[^。!?\n]{0,6}を?[^。!?\n]{0,6}(?:あげた|あげま|譲っ|ゆずっ|もらって|売っ|寄付)[^。!?\n]{0,8}"
    "|「ありがとう」(?:と|って)[^。!?\n]{0,4}(?:連絡|返事|お礼|めーる|らいん)が(?:来|き)[まました]*"
)
_NO_OUTGROWING = re.compile("ごめん|さよなら|さようなら|死|消え|様子|心配|急に|いままで|今まで")
_TO_THE_PUB = re.compile(
    "(?:これから|今から|いまから|今夜|今日は)(?:、)?(?:みんなで|友達と|打ち上げで|家族で)?(?:飲み|のみ|食べ|遊び|買い物|銭湯|温泉|打ち上げ|散歩|からおけ|らーめん)(?:に)?(?:いく|行く|いって|行って|いきま|行きま)"
)
_DREAMT = re.compile(
    "(?:飛び降り|落ち|死|殺され|追いかけ|溺れ|刺され|首を[絞し]め)[^。!?\n]{0,8}夢(?:を|ばかり|で)?(?:見|み)[てたるま]*"
)
_NO_DREAM = re.compile("毎晩|正夢|いい夢|楽に|ほんとに|本当に|現実|死にた|消えた|誘惑|そうな")
_STRAYS = re.compile("(?:外|公園|車の下|駅|軒下|道)で(?:寝て|ねて)る?(?:いる)?(?:猫|ねこ|犬|のら|野良)")
_DOES_IT_HURT = re.compile(
    "(?:検診|検査|注射|採血|胃かめら|まんも|予防接種|手術|抜歯|鍼)(?:は|って|、|の時|のとき)*[^。!?\n]{0,4}(?:痛い|いたい)(?:です|もの)?(?:か|の|かな|かしら|[?])"
)
_AS_TOLD = re.compile("処方(?:通り|どおり)(?:に)?(?:飲|のん|服用)[^。!?\n]{0,5}")
# Asked of a thing that is only kept, mended, thrown away or heard.
_KEPT = re.compile(
    "(?:農薬|除草剤|殺虫剤|薬|くすり|注射針|すぷれー缶|灯油|電池|包丁|剃刀|かみそり|練炭|七輪|ろーぷ)(?:の)?[^。!?\n]{0,5}(?:捨て方|捨てかた|処分の仕方|処分方法|何ごみ|回収|保管|使い方|"
    "希釈|まき方|飲み方|飲み合わせ|収納|しまい方)[^。!?\n]{0,8}"
)
_RAIL_MENDED = re.compile(
    "(?:手すり|柵|ふぇんす|べらんだ|屋上|欄干)(?:が|の|は)?[^。!?\n]{0,4}(?:低く|高く|がたが|ぐらぐら|錆|さび|古く|壊れ|こわれ|危な)[^。!?\n]{0,10}(?:直し|なおし|つけ|付け|替え|修理|相談|ほし|どこ)[^。!?\n]{0,8}"
)
_ROOF_KEY = re.compile(
    "屋上の(?:鍵|かぎ)(?:は|って|を|が)?[^。!?\n]{0,4}(?:誰|だれ|どこ|管理|借り|貸し|返し|持って(?:る|ます)の)[^。!?\n]{0,10}"
)
_TESTAMENT = re.compile("遺書(?:じゃ|では)な(?:くて?|い)[^。!?\n]{0,4}遺言[^。!?\n]{0,14}")
_MOVES_ON = re.compile(
    "(?:今日|今月|今週|明日|今年度|三月|3月)(?:で|に)[^。!?\n]{0,4}(?:転校|卒業|退院|転勤|退職|引っ越|最終日)[^。!?\n]{0,6}"
)
_TRAINS_HEARD = re.compile(
    "(?:踏切|線路|電車|駅|ほーむ)の(?:音|騒音|振動|あなうんす|工事)[^。!?\n]{0,10}(?:うるさ|眠れ|寝れ|ねれ|気にな|響)[^。!?\n]{0,5}"
)
_HAIR_CUT = re.compile(
    "髪(?:の毛)?(?:を)?(?:切|染|洗|乾か|結|編|とか|梳)[^。!?\n]{0,3}[てで](?:あげ|くれ|もら|やっ)[てるたいまし]*"
)
_PLASTER = re.compile(
    "(?:首|腕|足|腰|肩|背中|胸|頭|顔|手首|頬|ほっぺ)(?:に|を)[^。!?\n]{0,4}(?:湿布|しっぷ|軟膏|くりーむ|保冷剤|絆創膏|薬を?塗)[^。!?\n]{0,8}"
)
_ON_THE_BALCONY = re.compile(
    "べらんだ(?:に|で)[^。!?\n]{0,6}(?:物干し|布団|洗濯|ぷらんたー|鉢|植木|花|てーぶる|室外機|とまと|きゅうり)[^。!?\n]{0,8}"
)
_EASED = re.compile(
    "(?:薬|痛み|腰|肩|膝|咳|症状|治療|通院|鼻)[^!?\n]{0,20}(?:楽|らく)にな(?:った|りました|ってきた|ってきました)"
)
_NO_EASE = re.compile("死|消え|最後|さよなら|ためた|貯め|全部飲|やっと終")
_SCARY_TALE = re.compile("(?:こわい|怖い)(?:話|はなし|映画|動画|げーむ|絵本|おばけ)[^。!?\n]{0,6}")
_STERN = re.compile(
    "(?:おこると|怒ると)(?:すごく|めっちゃ|ちょっと)?(?:こわい|怖い)(?:けど|けれど|が)[^。!?\n]{0,6}(?:すき|好き|大好き|やさし|優し|おもしろ|面白)[いくか]?"
)
_STRUCK_STERN = re.compile("殴|なぐ|叩|たた|蹴|けっ|けら|つね|なげ|投げ|ごはん|そと|外に|ぶた|くび|首")
_SHUT_OFF = re.compile("元栓(?:を|は|も)?(?:しめ|閉め)[^。!?\n]{0,6}")
_ROOF_LUNCH = re.compile(
    "屋上(?:で|の|に)[^。!?\n]{0,6}(?:お?弁当|らんち|昼ごはん|ばーべ|花火|びーる|休憩|たばこ|煙草|よが|洗濯|体操|写真|庭|畑|ぱーてぃ|bbq|ぷーる)[^。!?\n]{0,4}"
)
_WARM_NECK = re.compile(
    "(?:首|くび)に[^。!?\n]{0,3}(?:すかーふ|まふらー|すとーる|ねっくれす|ねくたい|保冷剤|あいすのん|かいろ|お守り|濡れたおる|冷たいたおる)(?:を)?[^。!?\n]{0,3}(?:巻|まい|まき|かけ|つけ|して|あて)[^。!?\n]{0,6}"
)
_ENDS_A_HABIT = re.compile(
    "(?:終わりにする|終わりにします|おわりにする|やめる|最後にする)[^!?]{0,8}(?:だいえっと|げーむ|禁煙|課金|夜更かし|残業|部活|この話|作業|練習|勉強|間食)"
    "|(?:だいえっと|げーむ|課金|夜更かし|残業|部活|この話|作業|練習|勉強|間食)(?:は|も|を)?[^!?\n]{0,8}(?:終わりにする|終わりにします|最後にする)"
)
_LEAVES_SCHOOL = re.compile(
    "(?:手紙|色紙|寄せ書き|めっせーじ)(?:を|も)?[^。!?\n]{0,4}(?:書い|渡し)[てたきまし]*|(?:今まで|いままで|三年間|長い間)(?:の|本当に)*ありがとう[^。!?\n]{0,8}|お世話になりました"
)
_LEAVING = re.compile("卒業|退職|異動|転校|転勤|定年|離任|送別|卒園|最終出勤")
_NO_LEAVING = re.compile(
    "死|しぬ|消え|きえ|さよなら|さようなら|人生|この世|遺|迷惑|ごめん|鍵|通帳|家族|屋上|薬|くすり|最期|命|生き"
)
# Who is clapped on the shoulder, driven to the doctor, or hit by an infant.
_CLAPPED = re.compile(
    "(?:肩|お?尻|おしり|背中)を?(?:たた|叩)かれて?[^。!?\n]{0,10}(?:振り向|振り返|起き|健診|検診|どっく|病院|行[っき]|頑張|がんば|励ま|やっと)[^。!?\n]{0,6}"
    "|(?:[123一二三]歳|いやいや期)の(?:息子|娘|子|甥っ?子?|姪っ?子?|孫|弟|妹)[^。!?\n]{0,4}に(?:叩か|たたか|蹴ら|けら|噛ま|かま|つねら|髪[^。!?\n]{0,5}ら|なぐら|殴ら|引っかか|ひっかか)れ[^。!?\n]{0,6}"
)
_PACKED = re.compile("[0-9]{1,4}(?:錠|かぷせる|粒)(?:入り|いり)[^。!?\n]{0,14}")
_SHOPS = re.compile(
    "冷蔵庫(?:が|は|の中)?(?:から|空)っぽ[^\n]{0,8}(?:買い出し|買い物|すーぱー)(?:に)?(?:行|い)[^。!?\n]{0,6}"
)
_PLAYED = re.compile(
    "「[^」\n]{1,12}」(?:って|と)[^。!?\n]{0,8}(?:ごっこ|遊んで|ふざけ|劇|せりふ|歌って)[^。!?\n]{0,4}|「[^」\n]{1,12}(?:」|って)[^。!?\n]{0,6}(?:鬼|おに|忍者|ひーろー|警察)ごっこ"
)
_HUNGRY = re.compile(
    "(?:あー|ああ|もう|やばい|めっちゃ|すごく)*(?:お腹|おなか|腹|はら)が?(?:すいた|空いた|減った|へった|ぺこぺこ)[ーあ〜~笑wね。!なよわ]*"
)


def figures(text: str) -> list[Span]:
    """The spans of dense text in which words of danger mean none."""
    if _BILLS.fullmatch(text) or _HUNGRY.fullmatch(text):
        return [(0, len(text))]
    return sorted(_found(text))


def _found(text: str) -> Iterator[Span]:
    for pattern, unless in _PATTERNS:
        for match in pattern.finditer(text):
            if unless is None or not unless.search(match[0]):
                yield match.span()
    for pattern, unless in _IN_ALL:
        spans = [match.span() for match in pattern.finditer(text)]
        if spans and not unless.search(text):
            yield from spans
    if _LEAVING.search(text) and not _NO_LEAVING.search(text):
        for match in _LEAVES_SCHOOL.finditer(text):
            yield match.span()
    if not _NOT_PAID.search(text):
        for match in _DEAR.finditer(text):
            yield match.span()


_PATTERNS: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = (
    (_WORN, None),
    (_FIRED, None),
    (_SCENE, None),
    (_PLAY, _NO_PLAY),
    (_ANIMAL, None),
    (_LOST_GAME, None),
    (_PLATFORM, None),
    (_PREVENTED, _NOT_PREVENTED),
    (_SUPPOSED, _NO_SUPPOSING),
    (_NECK, None),
    (_PORTRAIT, None),
    (_RAILING, None),
    (_GRAVE_KEPT, None),
    (_IN_THE_RIVER, None),
    (_ANNOUNCED, None),
    (_SUCKED, None),
    (_VISITS, None),
    (_ASLEEP, None),
    (_SHUT_OFF, None),
    (_CLAPPED, None),
    (_ROOF_LUNCH, None),
    (_WARM_NECK, None),
    (_KEPT, None),
    (_RAIL_MENDED, None),
    (_ROOF_KEY, None),
    (_TESTAMENT, None),
    (_MOVES_ON, None),
    (_TRAINS_HEARD, None),
    (_HAIR_CUT, None),
    (_PLASTER, None),
    (_ON_THE_BALCONY, None),
    (_SCARY_TALE, None),
    (_FETCHED, None),
    (_TO_THE_PUB, None),
    (_STRAYS, None),
    (_DOES_IT_HURT, None),
    (_AS_TOLD, None),
    (_PACKED, None),
    (_SHOPS, None),
    (_PLAYED, None),
)
# These are read with the whole message beside them.
_IN_ALL: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (_FASTS, _NO_FASTING),
    (_KEY_LEFT, _LOCKED_OUT),
    (_OUTGROWN, _NO_OUTGROWING),
    (_DREAMT, _NO_DREAM),
    (_EASED, _NO_EASE),
    (_STERN, _STRUCK_STERN),
    (_ENDS_A_HABIT, _NO_LEAVING),
    (_MEETS, _NO_MEETING),
)
