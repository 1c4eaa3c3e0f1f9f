"""Words of danger that mean none: 「締切に殺される」, 「首になった」, a scene of a film, hide-and-seek, a dog's pills.

Only what names its harmless cause beside it counts: a deadline cannot kill, a husband can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Span = tuple[int, int]

# What wears people out and lays no hand on anybody. No work, superior or debt: under those people do break.
_WEARING = (
    "(?:締切|締め切り|〆切|しめきり|納期|課題|宿題|れぽーと|論文|卒論|てすと|試験勉強|期末|たすく|めーる|会議|しふと|繁忙期|献立|家事|洗濯物|"
    "皿洗い|弁当作り|枝豆|うまい酒|筋肉痛|筋とれ|階段|坂道|満員電車|睡魔|眠気|花粉|湿気|日差し|紫外線|らすぼす|げーむ|人狼|"
    "数学|英語|物理|化学|古文|ばぐ|えくせる|ぱわぽ|推し|笑顔|かわいさ|可愛さ|尊さ|だじゃれ|ぎゃぐ|一発芸|物まね|ものまね|"
    "寝顔|寝相|寝ぐせ|激辛|ふぁんさ|うぃんく|色気|歌声|低音|いけぼ|飯てろ|かれー|わさび|からし|唐辛子)"
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
# What is gone is on a screen; whoever cannot live without it (消えたい) says so in words of their own.
_GONE_DATA = re.compile(
    "(?:あぷり|でーた|写真|せーぶ|履歴|とーく|ふぁいる|ふぉるだ|原稿|れぽーと|下書き|文章|録画|動画|曲|ぷれいりすと|画面|めーる|ぶっくまーく|えくせる|わーど|ぱわぽ|"
    "設定|ぽいんと|くーぽん|いいね|ふぉろわー|記録|入力した(?:の|もの|分|やつ))[^。!?\n]{0,8}?(?:消え(?!た[いく]|て(?:しまい|なくなり)?た[いく])|飛ん(?!で(?:しま)?い?た[いく])|吹っ飛)[だでたちゃいまし]*"
)
# A thing fell, nobody did.
_DROPPED = re.compile(
    "(?:(?:駅の)?ほーむ(?:から|で)[^。!?\n]{0,10})?(?:いやほん|帽子|すまほ|携帯|傘|切符|定期(?:券|入れ)?|財布|手袋|まふらー|鞄|かばん|荷物|ぼーる|めがね|眼鏡|ぬいぐるみ|おもちゃ|"
    "ぺっとぼとる|靴(?:の片方|を片方|片方))(?:の片方|を片方|片方)?(?:を|が|も|、)*(?:線路|ほーむの下|隙間|電車とほーむの間)(?:に|へ|から)?(?:落と|落っこと|落ち)[しちたてまいゃうっ]*"
)
# Heights that people climb for fun, and who jumps where nobody means to die.
_HEIGHTS = re.compile(
    "(?:吊り?橋|つり橋|展望台|観覧車|ろーぷうぇい|ばんじー|すかいつりー|東京たわー|がらす(?:張り)?の床|高所恐怖症?)[^。!?\n飛死]{0,8}"
    "足が?(?:すく|震え|がくがく|ぶるぶる)[んでだみえてる]*(?![^。!?\n]{0,14}(?:飛|死|落ち|帰[れっ]|越え|こえ|乗り))"
)
_LEAPT = re.compile(
    "(?:るんば|掃除ろぼ(?:っと)?|猫|ねこ|子猫|犬|子犬|はむすたー|うさぎ|りす|猿|かえる|ひな|いんこ|主人公|ひーろー|らすぼす|忍者)(?:ちゃん|たち)?(?:が|は)"
    "[^。!?\n、てでも私俺僕]{0,8}(?:から)?飛び(?:降り|込み|込ん)[たてるだでま]*(?!た[いく])"
)
# What a corner of the furniture does; somebody's head is knocked there by somebody.
_CORNER = re.compile(
    "(?:小指|すね|膝|ひざ|肘|ひじ|おでこ|頭)(?:を|が|は|、)?[^。!?\n]{0,4}(?:たんす|箪笥|角|かど|柱|机|椅子|いす|ちゃぶ台|段差|縁石|どあ|扉|家具|冷蔵庫|べっど|鴨居|棚)(?:の角)?"
    "(?:に|で)(?:殺され[たてるそうかけ]*|やられ[たて]|ぶつけ[たて](?!も)|強打し[たて]|打っ[たて])"
    "|(?:たんす|箪笥|角|かど|柱|机|椅子|いす|ちゃぶ台|段差|縁石|どあ|扉|家具|冷蔵庫|べっど|鴨居|棚)(?:の角|の下)?(?:に|で)(?:小指|すね|膝|ひざ|肘|ひじ|おでこ|頭)(?:を|が)?(?:ぶつけ[たて](?!も)|強打し[たて]|打っ[たて])"
)
_NO_CORNER = re.compile("られ|させ|わざと")
# Clothes that are tight; a chest is not clothes.
_TIGHT = re.compile(
    "(?:喪服|礼服|着物|帯|浴衣|どれす|すーつ|制服|ずぼん|べると|ういえすと|うえすと|ねくたい|こるせっと|下着|ぶらじゃー|がーどる|しゃつ|袴)(?:が|の|は|も)?"
    "[^。!?\n胸首]{0,5}(?:きつ|苦し|くるし|締め)[^。!?\n胸首]{0,6}(?:息|呼吸)(?:が|も)?(?:でき|苦し|くるし|止ま)[ないくてるりそうま]*"
)
# The blood of what is cooked.
_KITCHEN_BLOOD = re.compile(
    "(?:魚|鯛|ぶり|かつお|あじ|さば|まぐろ|いか|鶏|鹿|猪|れば|内臓)(?:を|が|の|も)?(?:さばい|捌い|おろし|下ろし|解体)[^。!?\n指手切腕]{0,12}血(?:だらけ|まみれ|の海)[でにだのた]*"
)
# A remedy of every spring makes sleepy.
_REMEDY = re.compile(
    "(?:花粉症?|あれるぎー|鼻炎|酔い止め|風邪|かぜ|頭痛|鼻水|目|胃|咳|せき|くしゃみ)(?:の|止めの)?(?:薬|ぐすり|くすり|止め)?を?(?:飲ん|のん)だら(?![^。!?\n]{0,10}(?:苦し|くるし|意識|息|じんましん|腫れ|吐))"
)
# What wind and water took; whoever goes after it is named.
_THING = (
    "(?:さんだる|浮き輪|うきわ|びーち(?:ぼーる|さんだる)|すいか|らけっと|帽子|靴|くつ|たおる|傘|ばけつ|"
    "つりざお|釣り竿|くーらーぼっくす)"
)
_NOT_DRIFTED = re.compile("(?<!帽)子|人(?!工)|戻ら|帰ら|いない|いなく|見つから|溺|助け|弟|妹|私|僕|死|息")
_DRIFTED = re.compile(
    f"{_THING}(?:が|を|は|も)?(?:川|海|波|池)?(?:に|で)?(?:流さ|ながさ|さらわ)れ[たてるちゃいまし]*"
    f"|(?:川|海|波|池)?(?:に|で)?(?:流さ|ながさ|さらわ)れた{_THING}"
)
_BLOWN = re.compile(
    "(?:帽子|傘|日傘|洗濯物|しーつ|たおる|布団|看板|てんと|風船|ちけっと|お面|かつら|凧|ぼーる|こんたくと|れじ袋|ぽすたー|めも|書類|はがき|まふらー|すかーふ|ますく)(?:が|は|も|まで)?"
    "(?:風で|全部|どこかに|どっかに|海に|川に|谷に|遠くに)?(?:飛ん(?!で(?:しま)?い?た[いく])|飛ばさ|吹き飛|吹っ飛)[でだっちゃれたてまいし行]*(?![^\n]{0,30}(?:飛び(?!散)|飛ぼ|死|さよなら|さようなら))"
)
# Where people look at stars and eat their lunch; who is there now, or says more, is not meant.
_OUTING = re.compile(
    "(?:屋上|崖|橋|だむ|びる|高台|岬|踏切|線路(?:沿い|脇)?|鉄橋)(?:の上|の屋上)?(?:で|から|の|に|へ)?[^。!?\n]{0,8}"
    "(?:星を見|天体観測|花火(?:を|大会|見)|びあがーでん|弁当|ぽにょ|夜景(?:を|が|見)|写真を?撮|電車(?:を|の)?(?:見|写真)|撮り鉄|初日の出|ばーべきゅー|菜園|庭園|かふぇ|よが|遊園地|えさやり|餌やり|"
    "鯉に(?:えさ|餌)|釣りを?し|見学|観光|だむ(?:かーど|かれー)|昼寝)[したてをにのる会]*"
)
_NO_OUTING = re.compile(
    "今|いま|これから|て(?:い)?(?:る|ます)|最後|死|飛|靴|ひとり|一人|独り|もう(?!一)|楽に|消え|終わ|泣|ありがと|ごめん|さよなら|さようなら|落ち|誰も|疲れ|つかれ"
)
# A kitchen knife in the kitchen.
_FOOD = (
    "(?:すいか|めろん|かぼちゃ|南瓜|白菜|大根|きゃべつ|玉ねぎ|肉|魚|鯛|まぐろ|けーき|野菜|じゃがいも|ごぼう|"
    "ぱん|ちーず|豆腐)"
)
_COOKING = re.compile(
    f"{_FOOD}(?:に|へ)(?:ぐさっと|ぶすっと|いきなり)?包丁(?:を|が)?(?:刺|さし|さっ|入れ|はいら|入ら)[したらっれてないた]*"
    f"|包丁(?:を)?(?:持っ|もっ|握っ|にぎっ)て[^。!?\n]{{0,3}}(?:台所|料理|調理|千切り|みじん切り|{_FOOD})[^。!?\n]{{0,6}}"
)
_NO_COOKING = re.compile(
    "夫|妻|父|母|兄|姉|弟|妹|彼|息子|娘|人[をにが]|私|わたし|俺|僕|自分|手首|首|追|向け|暴|怒|死|殺|脅|出て|叫|血|こわ|怖"
)
# A dream; whoever dreams it every night, or of somebody who did it, is not meant.
_DREAM = re.compile(
    "(?:殺さ|刺さ|追いかけ|追わ|閉じ込め|閉じこめ|落ち|溺れ|おぼれ|死ぬ|死んだ|殴ら|撃た|襲わ|食べら|流さ|燃え|火事|地震|津波|幽霊|ぞんび|りすとら|くびにな|首にな|離婚|裸)"
    "[^。、!?\n]{0,8}夢(?:を|に|だけ)?(?:見(?![るない])|みた|みて|だった|で(?:起き|目|汗|寝言|飛び起き|叫))[たてでし]*"
)
_NO_DREAM = re.compile(
    "毎晩|毎日|毎夜|最近|何度|いつも|ずっと|また|眠れ|つら|辛|苦し|うなさ|本当|現実|昔|父|母|夫|旦那|主人|彼|兄|先生|上司|正夢|願|死にた|消えた"
)
# It went well, and there was a fright.
_NEARLY = re.compile(
    "(?:詰まらせ|つまらせ|溺れ|おぼれ|転び|ころび|こけ|轢かれ|ひかれ|ぶつかり|火傷し|やけどし)(?:かけ|そうになっ)(?:て|た)[^。!?\n]{0,8}"
    "(?:焦っ|あせっ|ひやっと|びびっ|助かっ|もう平気|もう大丈夫|無事|取れ|とれ|笑)[たてしまい]*"
)
_NOT_NEARLY = re.compile("死|薬|首|まだ|息|今も|苦し|痛|また(?!別)|最近|何度")
_SPARKS = re.compile(
    "れんじ(?:から|で|の中)?[^。!?\n]{0,4}火花[^。!?\n]{0,10}(?:あるみ|ほいる|すぷーん|ふぉーく|金の?縁|止め|出した|取り出)[たてしま]*"
)
_NO_SPARKS = re.compile("煙|燃え|火が|止まら|焦げ")
_COOLED = re.compile(
    "(?:保冷剤|湿布|ひえぴた|冷えぴた|かいろ|氷|氷のう|ねっくくーらー|めだる|金めだる|花輪|れい)(?:を|が|は)?首(?:に|の後ろに|の|元に|もとに|筋に)[^。!?\n紐縄]{0,4}(?:当て|あて|巻|貼|はっ|かけ|のせ|載せ|付け)[たてるいっけ]*"
    "|首(?:に|の後ろに|元に|もとに|筋に)(?:保冷剤|湿布|ひえぴた|冷えぴた|かいろ|氷|ねっくくーらー|めだる)[^。!?\n紐縄]{0,6}"
)
# The alarm that dinner sets off.
_DINNER_ALARM = re.compile(
    "(?:さんま|秋刀魚|魚|干物|くさや|焼き?肉|すてーき|とーすと|ぱん|揚げ物|天ぷら|燻製|ほっとぷれーと|餅|もち|湯気|ばるさん|殺虫剤|線香|お香|たばこ|料理|夕飯|ちゃーはん|卵焼き)"
    "(?:を|の|で|が)?(?:焼い|焦がし|炒め|揚げ)?[^。!?\n、火燃]{0,8}(?:火災)?(?:報知[器機]|警報[器機]?|せんさー|すぷりんくらー)(?:が|も)?(?:鳴|なっ|反応|作動|ぴーぴー)[っりるいたてまし]*(?![^。!?\n]{0,20}(?:火|燃え|消え|止まら|逃げ))"
)
_NOT_DINNER = re.compile("ない|なく|じゃ")
# What did not happen, and is told as luck.
_SPARED = re.compile(
    "(?:刺さ|噛ま|かま|襲わ|轢か|ひか|殴ら|殺さ|巻き込ま|流さ|怪我し|けがし)(?:れ)?(?:なくて|ずに|ないで|なかったので)(?:本当に|ほんとに|ほんま|まじで|、)*"
    "(?:よかった|良かった|済ん|すん|助か|ほっと|一安心|済み|すみました)[たでしまわいよ]*"
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
_HUNGRY = re.compile(
    "(?:あー|ああ|もう|やばい|めっちゃ|すごく)*(?:お腹|おなか|腹|はら)が?(?:すいた|空いた|減った|へった|ぺこぺこ)[ーあ〜~笑wね。!なよわ]*"
)


_LINE = re.compile("[^\n]+")
_HUNGER = re.compile("すいた|空いた|減った|へった|ぺこ")
_NO_APPETITE = re.compile(
    "ない(?!し?んだよね)|なし|無い|なく|ねえ|ません|へん|おらん|食べて(?!る|い)|[0-9一二三四五六何]日|昨日|きのう|朝から|ずっと|水|お金|おかね|一人|ひとり|誰|だれ|ふらふら|目が回|"
    "倒|泣|たすけ|助け|つら|死|帰って|かえって|もらえ|くれ|怒|限界|寒|さむ|電気|がす|赤ちゃん|弟|妹"
)
# What a beast, or a child that cannot yet walk, does to somebody is no violence; where it bleeds, other words say so.
_BEAST = (
    "(?:猫|ねこ|犬|いぬ|わんこ|にゃんこ|まうす|ねずみ|はむすたー|もるもっと|うさぎ|いんこ|おうむ|ざりがに|かに|さる|猿|馬|ぽにー|へび|蛇|亀|かめ|鹿|やぎ|羊|牛|鶏|にわとり|"
    "がちょう|白鳥|あぶ|魚|ふぇれっと|からす|あり|らくだ|あるぱか|りす|鳩|はと|かもめ|とんび|いのしし|たぬき|蜂|はち|くわがた|かぶとむし)"
)
_BY_A_BEAST = re.compile(
    f"{_BEAST}(?:ちゃん|くん|たち|ども)?(?:に|から)(?:も|まで|いきなり|急に|毎朝|また|いつも|思いっきり|おもいっきり|、)*"
    "(?:(?:顔|腹|お腹|おなか|足|手|指|頭|尻|おしり|背中|腕|耳|鼻|髪)(?:を|に)?)?(?:何度も|がぶっと|がぶりと)?"
    "(?:かま|噛ま|咬ま|引っか|ひっか|ひっかか|引っかか|蹴ら|けら|踏ま|ふま|つつか|追いかけら|追わ|起こさ|叩き起こさ|吠えら|ほえら|頭突きさ|頭突きを?さ|体当たりさ|どつか|"
    "殴ら|なぐら|叩か|たたか|ぱんちさ|威嚇さ|無視さ|襲わ|刺さ)れ[るたてちゃいまし]*"
)


def beasts(text: str) -> list[Span]:
    """The spans of dense text in which a beast did it: 「猫に顔を踏まれて起きる」."""
    return [match.span() for match in _BY_A_BEAST.finditer(text)] if "れ" in text else []


def figures(text: str) -> list[Span]:
    """The spans of dense text in which words of danger mean none."""
    if _BILLS.fullmatch(text) or _HUNGRY.fullmatch(text):
        return [(0, len(text))]
    return sorted([*_found(text), *_hungry_lines(text)])


def _hungry_lines(text: str) -> Iterator[Span]:
    """The lines of a talk that say no more than 「お腹すいた」, where no other line makes it more than an appetite."""
    if "\n" in text and _HUNGER.search(text) and not _NO_APPETITE.search(text):
        for line in _LINE.finditer(text):
            if _HUNGRY.fullmatch(text, *line.span()):
                yield line.span()


def _found(text: str) -> Iterator[Span]:
    for words, pattern, unless, nowhere in _FIGURES:
        for word in words:
            if word in text:
                break
        else:
            continue
        spans = [match.span() for match in pattern.finditer(text)]
        if not spans or (nowhere is not None and nowhere.search(text)):
            continue
        for start, end in spans:
            if unless is None or not unless.search(text[start:end]):
                yield start, end
    if not _NOT_PAID.search(text):
        for match in _DEAR.finditer(text):
            yield match.span()


class _Figure(NamedTuple):
    """A way of speaking: the words of which each match holds one (a look for them is quicker than for the pattern),
    and what makes it meant, in the match or anywhere."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    nowhere: re.Pattern[str] | None = None


def _figure(
    words: str, pattern: re.Pattern[str], unless: re.Pattern[str] | None = None, nowhere: re.Pattern[str] | None = None
) -> _Figure:
    return _Figure(tuple(words.split()), pattern, unless, nowhere)


_FIGURES = (
    _figure("殺さ ころさ 刺さ 首 つぶさ 潰さ", _WORN),
    _figure("首 くび", _FIRED),
    _figure(
        "しーん せりふ 台詞 らすと 展開 すとーりー えんでぃんぐ どらま 映画 小説 漫画 まんが あにめ げーむ きゃら",
        _SCENE,
    ),
    _figure("ごっこ かくれんぼ 隠れんぼ", _PLAY, _NO_PLAY),
    _figure("飲 のん 食べ たべ なめ 舐め かじ ぐったり けいれん 痙攣 息 血 倒れ 動かな", _ANIMAL),
    _figure("生きて 人生終わ 死ぬしか", _LOST_GAME),
    _figure("消え 飛", _GONE_DATA),
    _figure("落", _DROPPED),
    _figure("報知 警報 せんさー すぷりんくらー", _DINNER_ALARM, _NOT_DINNER),
    _figure("飛", _BLOWN),
    _figure("首", _COOLED),
    _figure("なくて ずに ないで なかったので", _SPARED),
    _figure("足", _HEIGHTS),
    _figure("飛び", _LEAPT),
    _figure("殺され やられ ぶつけ 強打 打っ", _CORNER, _NO_CORNER),
    _figure("息 呼吸", _TIGHT),
    _figure("血", _KITCHEN_BLOOD),
    _figure("飲んだら のんだら", _REMEDY),
    _figure("ほーむの端", _PLATFORM),
    _figure("ない 予防 防 対策 避け", _PREVENTED, _NOT_PREVENTED),
    _figure("もし 万一 万が一 いざ", _SUPPOSED, _NO_SUPPOSING),
    _figure("屋上 崖 橋 だむ びる 高台 岬 踏切 線路", _OUTING, nowhere=_NO_OUTING),
    _figure("流さ ながさ さらわ", _DRIFTED, nowhere=_NOT_DRIFTED),
    _figure("包丁", _COOKING, nowhere=_NO_COOKING),
    _figure("夢", _DREAM, nowhere=_NO_DREAM),
    _figure("かけ そうになっ", _NEARLY, nowhere=_NOT_NEARLY),
    _figure("火花", _SPARKS, nowhere=_NO_SPARKS),
)
